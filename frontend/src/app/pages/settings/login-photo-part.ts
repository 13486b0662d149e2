import { html, nothing, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import { putLoginPhoto, removeLoginPhoto } from '../../../api/server-settings';
import { hrefOf } from '../../root';
import { OwnPart } from '../own-part';
import { renderSending } from '../sending';
import './settings.css';

const FORMATS = 'image/jpeg,image/png,image/webp';

/** The picture beside the form that signs in: chosen, sent, seen, removed. */
export class LoginPhotoPart extends OwnPart {
  @property() photo: string | null = null;
  /** Which part of the picture has left, from 0 to 1; null while none leaves. */
  @state() private sent: number | null = null;

  override render(): TemplateResult {
    const { a, photo } = this;
    return this.renderPart(
      'login-photo',
      a('settings_photo'),
      html`<div class="own-photo">
          ${photo
            ? html`<img class="login-preview" src=${hrefOf(photo)} alt=${a('settings_photo')} width="120" height="160" />`
            : nothing}
          <div>
            <p class="lead">${a('settings_photo_hint')}</p>
            ${photo ? nothing : html`<p class="lead">${a('settings_photo_none')}</p>`}
            <div class="own-buttons start">
              <input id="login-photo" class="visually-hidden" type="file" accept=${FORMATS} @change=${this.choose} />
              <label class="outlined own-file" for="login-photo">${a(photo ? 'settings_photo_replace' : 'settings_photo_choose')}</label>
              ${photo
                ? html`<button class="outlined" aria-disabled=${this.attempt.isBusy} @click=${this.removePhoto}>
                    ${a('settings_photo_remove')}
                  </button>`
                : nothing}
            </div>
          </div>
        </div>
        ${this.sent === null ? nothing : renderSending(a, this.sent)} ${this.renderOutcome()}`,
    );
  }

  private async choose(event: Event): Promise<void> {
    const input = event.target as HTMLInputElement;
    const file = input.files?.[0];
    input.value = ''; // The same file can be chosen again.
    if (!file) return;
    await this.act(async () => {
      this.sent = 0;
      const answer = await putLoginPhoto(this.api, file, (part) => (this.sent = part)).finally(() => (this.sent = null));
      this.photo = answer.photo_url;
      return 'settings_photo_saved';
    });
  }

  private async removePhoto(): Promise<void> {
    const isDone = await this.act(async () => {
      await removeLoginPhoto(this.api);
      this.photo = null;
      return 'settings_photo_removed';
    });
    if (isDone) await this.goToTitle();
  }
}

customElements.define('tidings-login-photo-part', LoginPhotoPart);
