import { html, nothing, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import { resendVerification, useAddressLink } from '../../../api/accounts';
import { hrefOf } from '../../root';
import { session } from '../../session';
import { AccountPage } from './account-page';
import type { AccountTranslator } from './account-speech';

/** What a letter about an address was for: that of a sign-up, a new one, or the way back to the old one. */
type Purpose = 'verify' | 'confirm' | 'undo';

/** Uses the link of a letter about an address, once its button is pressed. */
export class AddressPage extends AccountPage {
  @property() purpose: Purpose = 'verify';
  /** The account's state once the link was used. */
  @state() private reached: string | null = null;
  /** The address a letter was asked for. */
  @state() private asked: string | null = null;

  protected override renderWith(a: AccountTranslator): TemplateResult {
    if (this.reached !== null) return this.renderUsed(a, this.reached);
    if (this.asked !== null) return this.renderLetter(a, this.asked, () => (this.asked = null));
    if (this.token && !this.isDead) return this.renderQuestion(a);
    if (this.purpose === 'verify') return this.renderAsking(a);
    if (!this.isDead) return this.renderEnd(this.t('setup_incomplete'), a('incomplete_hint'));
    return this.renderEnd(a('link_dead'), a(`${this.purpose}_dead_hint`));
  }

  private renderQuestion(a: AccountTranslator): TemplateResult {
    const { purpose } = this;
    return html`<h1 tabindex="-1">${this.t(`${purpose}_email`)}</h1>
      <p class="lead">${a(`${purpose}_ask`)}</p>
      ${this.renderFailure(a)}
      <form @submit=${this.submit}>${this.renderSubmit(a, a(purpose === 'undo' ? 'undo' : 'confirm'))}</form>`;
  }

  private renderUsed(a: AccountTranslator, reached: string): TemplateResult {
    if (this.purpose === 'undo') return this.renderEnd(a('undo_done'), a('undo_done_hint'), this.renderResetLink());
    if (this.purpose === 'confirm') return this.renderEnd(a('confirm_done'), a('confirm_done_hint'));
    if (reached === 'active') return this.renderEnd(a('verify_done'), a('may_sign_in'));
    return this.renderEnd(a('verify_done'), a('verify_waits_hint'), nothing);
  }

  private renderResetLink(): TemplateResult {
    return html`<a class="filled wide" href=${hrefOf('/reset-password')} data-route>${this.t('reset_password')}</a>
      ${this.renderSignInLink('outlined')}`;
  }

  private renderAsking(a: AccountTranslator): TemplateResult {
    return html`<h1 tabindex="-1">${this.isDead ? a('link_dead') : this.t('verify_email')}</h1>
      <p class="lead">${a('verify_resend_hint')}</p>
      ${this.renderFailure(a)}
      ${this.renderAddress(a, (email) =>
        this.attempt(async () => {
          await resendVerification(this.api, email);
          this.asked = email;
        }),
      )}
      ${this.renderSignInLink('outlined')}`;
  }

  private submit(event: SubmitEvent): void {
    event.preventDefault();
    void this.attempt(async () => {
      this.reached = (await useAddressLink(this.api, this.token ?? '')).state;
      // The way back signs everybody out, this browser too.
      if (this.purpose === 'undo') await session.begin();
    });
  }
}

customElements.define('tidings-address-page', AddressPage);
