import { html, nothing, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import { putPhoto, readProfile, removePhoto, type Profile } from '../../../api/profile';
import { icon } from '../../../elements/icons';
import { hrefOf } from '../../root';
import { session } from '../../session';
import { OwnPart } from '../own-part';
import { renderSending } from '../sending';
import './photo-crop';

/** What the server takes; the photo that leaves here is far smaller. */
const FORMATS = 'image/jpeg,image/png,image/webp';

/** One's photo: chosen, cut to a square, sent, seen, removed. */
export class PhotoPart extends OwnPart {
  @property({ attribute: false }) profile!: Profile;
  /** The picture of which a square is being chosen. */
  @state() private picture: ImageBitmap | null = null;
  @state() private isUnreadable = false;
  /** Which part of the photo has left, from 0 to 1; null while none leaves. */
  @state() private sent: number | null = null;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.forget();
  }

  override render() {
    return this.renderPart(
      'photo',
      this.a('profile_photo'),
      html`${this.picture ? this.renderCrop(this.picture) : this.renderPhoto()}
      ${this.renderOutcome({ complaint: this.isUnreadable ? this.a('profile_photo_unreadable') : '' })}`,
    );
  }

  private renderPhoto(): TemplateResult {
    const { a, profile } = this;
    const { photo_url: photo } = profile;
    return html`<div class="own-photo">
      ${photo
        ? html`<img src=${hrefOf(photo)} alt=${a('profile_photo_alt')} width="96" height="96" />`
        : html`<span class="own-no-photo">${icon('user')}</span>`}
      <div>
        <p class="lead">${a(photo ? 'profile_photo_seen' : 'profile_photo_none')}</p>
        <div class="own-buttons start">
          <input id="photo" class="visually-hidden" type="file" accept=${FORMATS} @change=${this.choose} />
          <label class="outlined own-file" for="photo">${a(photo ? 'profile_photo_replace' : 'profile_photo_choose')}</label>
          ${photo
            ? html`<button class="outlined" aria-disabled=${this.attempt.isBusy} @click=${this.removePhoto}>${a('profile_photo_remove')}</button>`
            : nothing}
        </div>
      </div>
    </div>`;
  }

  private renderCrop(picture: ImageBitmap): TemplateResult {
    const { a } = this;
    return html`<tidings-photo-crop
        .a=${a}
        .picture=${picture}
        .isBusy=${this.attempt.isBusy}
        @chosen=${(event: CustomEvent<Blob>) => this.send(event.detail)}
        @cancelled=${this.cancel}
      ></tidings-photo-crop>
      ${this.sent === null ? nothing : renderSending(a, this.sent)}`;
  }

  /** A picture whose camera was held askew stands upright here, as it will on the server. */
  private async choose(event: Event): Promise<void> {
    const input = event.target as HTMLInputElement;
    const file = input.files?.[0];
    input.value = ''; // The same file can be chosen again.
    if (!file) return;
    this.attempt.forget();
    this.isUnreadable = false;
    try {
      this.picture = await createImageBitmap(file, { imageOrientation: 'from-image' });
    } catch {
      this.isUnreadable = true; // Whatever the decoder trips over, it is not a picture that can be a photo.
    }
    await this.updateComplete;
    this.querySelector<HTMLElement>('tidings-photo-crop input')?.focus();
  }

  private async send(photo: Blob): Promise<void> {
    const isDone = await this.act(async () => {
      this.sent = 0;
      this.tell(await putPhoto(this.api, photo, (part) => (this.sent = part)).finally(() => (this.sent = null)));
      return 'profile_photo_saved';
    });
    if (!isDone) return;
    this.forget();
    await this.goToTitle();
  }

  private async removePhoto(): Promise<void> {
    const isDone = await this.act(async () => {
      await removePhoto(this.api);
      this.tell(await readProfile(this.api));
      return 'profile_photo_removed';
    });
    if (isDone) await this.goToTitle();
  }

  private async cancel(): Promise<void> {
    this.attempt.forget();
    this.forget();
    await this.updateComplete;
    this.querySelector<HTMLElement>('#photo')?.focus();
  }

  private forget(): void {
    this.picture?.close();
    this.picture = null;
  }

  private tell(profile: Profile): void {
    this.dispatchEvent(new CustomEvent<Profile>('profile', { detail: profile, bubbles: true }));
    session.use(profile);
  }
}

customElements.define('tidings-photo-part', PhotoPart);
