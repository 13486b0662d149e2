import { html, type TemplateResult } from 'lit';
import { state } from 'lit/decorators.js';
import { beginTotp, confirmTotp } from '../../../api/security';
import type { NewTotp } from '../../../api/security-types';
import { withProof } from '../../proof-dialog';
import { complaints } from '../accounts/sentences';
import { renderField, valueOf } from '../fields';
import { renderCopying } from './copying';
import { InlineForm } from './inline-form';
import { inGroups, pictureOf } from './secrets';

/** Shows the secret of a new authenticator app, and has a first code confirm it. */
export class TotpSetup extends InlineForm {
  /** Null until the server has made it. */
  @state() private totp: NewTotp | null = null;
  @state() private isCopied = false;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.begin();
  }

  override render(): TemplateResult {
    if (this.totp) return this.renderSteps(this.totp);
    if (this.attempt.failure) return this.renderAgain();
    return html`<p class="lead" role="status">${this.a('working')}</p>`;
  }

  private renderSteps(totp: NewTotp): TemplateResult {
    const { a, isCopied } = this;
    const error = complaints(this.attempt.failure, a, 0)['code'];
    const code = { name: 'totp_code', label: this.t('code'), autocomplete: 'one-time-code', inputmode: 'numeric' } as const;
    return html`<form @submit=${this.submit}>
      <p>${a('security_totp_scan')}</p>
      <div class="secret">
        <img src=${pictureOf(totp.qr_svg)} alt=${a('security_totp_qr')} />
        <div>
          <p class="lead">${a('security_totp_type')}</p>
          <p><code>${inGroups(totp.secret)}</code></p>
          ${renderCopying(a, { text: totp.secret, isCopied, done: (is) => (this.isCopied = is) })}
          <a class="outlined" href=${totp.otpauth_uri}>${a('security_totp_open')}</a>
        </div>
      </div>
      ${this.renderOutcome({ isAtField: error !== undefined })} ${renderField({ ...code, error })}
      <div class="own-buttons">${this.renderCancel()} ${this.renderSubmit(a('security_turn_on'))}</div>
    </form>`;
  }

  private renderAgain(): TemplateResult {
    return html`${this.renderOutcome()}
      <div class="own-buttons">
        ${this.renderCancel()}
        <button class="filled" @click=${this.begin}>${this.t('retry')}</button>
      </div>`;
  }

  private renderCancel(): TemplateResult {
    return html`<button type="button" class="outlined" @click=${() => this.tell('cancelled')}>${this.a('security_cancel')}</button>`;
  }

  private async begin(): Promise<void> {
    let isBegun = true;
    await this.act(async () => {
      isBegun = await withProof(async () => (this.totp = await beginTotp(this.api)));
    });
    if (!isBegun) this.tell('cancelled');
  }

  private async submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const code = valueOf(event.target as HTMLFormElement, 'totp_code');
    let isOn = false;
    await this.act(async () => {
      isOn = await withProof(() => confirmTotp(this.api, code));
    });
    if (isOn) this.tell('done');
    else this.querySelector<HTMLInputElement>('#totp_code')?.select();
  }
}

customElements.define('tidings-totp-setup', TotpSetup);
