import { html, nothing, type TemplateResult } from 'lit';
import { state } from 'lit/decorators.js';
import { askForReset } from '../../../api/accounts';
import type { AccountKey } from '../../../i18n/account-catalogues';
import { passwordLength } from '../accounts/sentences';
import './password-form';
import { SecurityPart } from './security-part';

/** Changing one's password; who has none is mailed a link to choose one. */
export class PasswordPart extends SecurityPart {
  protected readonly name = 'passwords';
  @state() private isOpen = false;

  protected renderBody(): TemplateResult {
    const { a } = this;
    const { me } = this.security;
    const hint = me.has_password ? 'security_passwords_hint' : me.email ? 'security_no_password' : 'security_no_address';
    return html`<p class="lead">${a(hint)}</p>
      ${this.renderOutcome()} ${me.has_password ? this.renderChanging() : me.email ? this.renderLetter(me.email) : nothing}`;
  }

  private renderChanging(): TemplateResult {
    const { a } = this;
    const { me, settings } = this.security;
    if (!this.isOpen) return html`<button class="outlined opener" @click=${this.open}>${a('security_change_password')}</button>`;
    return html`<tidings-password-form
      .a=${a}
      .me=${me}
      .length=${passwordLength(settings, me)}
      @done=${() => this.close('security_password_changed')}
      @cancelled=${() => this.close()}
    ></tidings-password-form>`;
  }

  private renderLetter(email: string): TemplateResult {
    const { a } = this;
    const send = () =>
      this.act(async () => {
        await askForReset(this.api, email);
        return 'security_letter_sent' as const;
      });
    return html`<button class="outlined" aria-disabled=${this.attempt.isBusy} @click=${send}>${a('send_letter')}</button>`;
  }

  private open(): void {
    this.isOpen = true;
    void this.hush();
  }

  private close(what?: AccountKey): void {
    this.isOpen = false;
    if (what) void this.did(what);
    void this.goToOpener();
  }
}

customElements.define('tidings-password-part', PasswordPart);
