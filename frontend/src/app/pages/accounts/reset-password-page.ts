import { html, type TemplateResult } from 'lit';
import { state } from 'lit/decorators.js';
import { askForReset, resetPassword } from '../../../api/accounts';
import { renderPassword, valueOf } from '../fields';
import { AccountPage } from './account-page';
import type { AccountTranslator } from './account-speech';
import { complaints, passwordLength } from './sentences';

/** Without a letter's token it asks where to send one; with it, for the new password. */
export class ResetPasswordPage extends AccountPage {
  /** The address a letter was asked for. */
  @state() private asked: string | null = null;
  @state() private isDone = false;

  protected override renderWith(a: AccountTranslator): TemplateResult {
    if (this.isDone) return this.renderEnd(a('reset_done'), a('reset_done_hint'));
    if (this.asked !== null) return this.renderLetter(a, this.asked, () => (this.asked = null));
    if (!this.token) return this.renderAsking(a, this.t('reset_password'), a('reset_ask'));
    if (this.isDead) return this.renderAsking(a, a('link_dead'), a('reset_ask'));
    return this.renderChoosing(a);
  }

  private renderAsking(a: AccountTranslator, title: string, hint: string): TemplateResult {
    return html`<h1 tabindex="-1">${title}</h1>
      <p class="lead">${hint}</p>
      ${this.renderFailure(a)}
      ${this.renderAddress(a, (email) =>
        this.attempt(async () => {
          await askForReset(this.api, email);
          this.asked = email;
        }),
      )}
      ${this.renderSignInLink('outlined')}`;
  }

  private renderChoosing(a: AccountTranslator): TemplateResult {
    if (!this.settings) return this.renderUnsettled(a);
    const length = passwordLength(this.settings, 'unknown');
    const error = complaints(this.failure, a, length)['new_password'];
    const hint = a('password_advice', { count: length });
    const field = { name: 'new_password', label: a('new_password'), autocomplete: 'new-password', hint, error };
    return html`<h1 tabindex="-1">${this.t('reset_password')}</h1>
      <p class="lead">${a('reset_hint')}</p>
      ${this.renderFailure(a, error !== undefined)}
      <form @submit=${this.submit}>
        ${renderPassword(field, this.t('show_password'))} ${this.renderSubmit(a, a('reset'))}
      </form>`;
  }

  private submit(event: SubmitEvent): void {
    event.preventDefault();
    const password = valueOf(event.target as HTMLFormElement, 'new_password');
    void this.attempt(async () => {
      await resetPassword(this.api, this.token ?? '', password);
      this.isDone = true;
    });
  }
}

customElements.define('tidings-reset-password-page', ResetPasswordPage);
