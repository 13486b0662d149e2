import { html, type PropertyValues, type TemplateResult } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { Page } from '../../page';
import type { AccountTranslator } from '../accounts/account-speech';
import { CENTRED, MOST_ZOOM, pulled, squareOf, type Crop } from './crop';

/** What the server keeps: the side of the photo, in pixels. */
const SIDE = 512;
const QUALITY = 0.92;
/** How fine the sliders are. */
const STEP = 0.01;

/** Chooses a square of a picture, with sliders or by pulling it. Tells `chosen` with the photo, or `cancelled`. */
export class PhotoCrop extends Page {
  @property({ attribute: false }) a!: AccountTranslator;
  @property({ attribute: false }) picture!: ImageBitmap;
  @property({ attribute: false }) isBusy = false;
  @state() private crop: Crop = CENTRED;
  @query('canvas') private canvas!: HTMLCanvasElement;
  private pull: { x: number; y: number } | null = null;

  override render() {
    const { a } = this;
    return html`<form class="own-crop" @submit=${this.submit}>
      <p class="lead">${a('profile_crop_hint')}</p>
      <canvas
        width=${SIDE}
        height=${SIDE}
        role="img"
        aria-label=${a('profile_crop_preview')}
        @pointerdown=${this.grab}
        @pointermove=${this.drag}
        @pointerup=${this.release}
        @pointercancel=${this.release}
      ></canvas>
      <div class="own-sliders">
        ${this.renderSlider('zoom', a('profile_crop_zoom'), 1, MOST_ZOOM)}
        ${this.renderSlider('across', a('profile_crop_across'), 0, 1)} ${this.renderSlider('down', a('profile_crop_down'), 0, 1)}
      </div>
      <div class="own-buttons start">
        <button class="filled" aria-disabled=${this.isBusy}>${this.isBusy ? a('working') : a('profile_photo_use')}</button>
        <button type="button" class="outlined" @click=${() => this.dispatchEvent(new Event('cancelled'))}>${a('profile_cancel')}</button>
      </div>
    </form>`;
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('picture') || changed.has('crop')) this.draw();
  }

  /** Left is left in every language, so this slider runs as the picture lies. */
  private renderSlider(name: keyof Crop, label: string, least: number, most: number): TemplateResult {
    const set = (event: Event): void => {
      this.crop = { ...this.crop, [name]: Number((event.target as HTMLInputElement).value) };
    };
    return html`<label>
      <span>${label}</span>
      <input type="range" dir="ltr" min=${least} max=${most} step=${STEP} .value=${String(this.crop[name])} @input=${set} />
    </label>`;
  }

  private draw(): void {
    const context = this.canvas.getContext('2d');
    if (!context) return;
    const { left, top, side } = squareOf(this.picture, this.crop);
    context.fillStyle = 'white'; // As the server does where a picture lets something through.
    context.fillRect(0, 0, SIDE, SIDE);
    context.imageSmoothingQuality = 'high';
    context.drawImage(this.picture, left, top, side, side, 0, 0, SIDE, SIDE);
  }

  private grab(event: PointerEvent): void {
    this.canvas.setPointerCapture(event.pointerId);
    this.pull = { x: event.clientX, y: event.clientY };
  }

  private drag({ clientX: x, clientY: y }: PointerEvent): void {
    if (!this.pull) return;
    const by = { x: x - this.pull.x, y: y - this.pull.y };
    this.crop = pulled(this.picture, this.crop, by, this.canvas.getBoundingClientRect().width);
    this.pull = { x, y };
  }

  private release(): void {
    this.pull = null;
  }

  private submit(event: SubmitEvent): void {
    event.preventDefault();
    if (this.isBusy) return;
    const tell = (photo: Blob | null): void => {
      if (photo) this.dispatchEvent(new CustomEvent<Blob>('chosen', { detail: photo }));
    };
    this.canvas.toBlob(tell, 'image/jpeg', QUALITY);
  }
}

customElements.define('tidings-photo-crop', PhotoCrop);
