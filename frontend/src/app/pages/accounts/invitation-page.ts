import { html, nothing, type TemplateResult } from 'lit';
import { state } from 'lit/decorators.js';
import { acceptInvitation } from '../../../api/accounts';
import { renderField, renderPassword, valueOf } from '../fields';
import { AccountPage } from './account-page';
import type { AccountTranslator } from './account-speech';
import { newAccountFields } from './new-account-fields';
import { complaints, passwordLength } from './sentences';

/** Whoever was invited, or signed up with an address that is known here without an account, chooses how to sign in. */
export class InvitationPage extends AccountPage {
  /** The account's state once the link was used. */
  @state() private reached: string | null = null;

  protected override renderWith(a: AccountTranslator): TemplateResult {
    if (this.reached === 'active') return this.renderEnd(a('joined'), a('may_sign_in'));
    if (this.reached !== null) return this.renderEnd(a('verify_done'), a('verify_waits_hint'), nothing);
    if (!this.token) return this.renderEnd(this.t('setup_incomplete'), a('incomplete_hint'));
    if (this.isDead) return this.renderEnd(a('link_dead'), a('invitation_dead_hint'));
    if (!this.settings) return this.renderUnsettled(a);
    return this.renderForm(a, passwordLength(this.settings, 'unknown'));
  }

  private renderForm(a: AccountTranslator, length: number): TemplateResult {
    const { t } = this;
    const errors = complaints(this.failure, a, length);
    const { name, username, password } = newAccountFields(a, t, length);
    const isAtField = [name, username, password].some((field) => errors[field.name]);
    return html`<h1 tabindex="-1">${t('invitation')}</h1>
      <p class="lead">${a('invitation_hint')}</p>
      ${this.renderFailure(a, isAtField)}
      <form @submit=${this.submit}>
        ${[name, username].map((field) => renderField({ ...field, error: errors[field.name] }))}
        ${renderPassword({ ...password, error: errors['password'] }, t('show_password'))}
        ${this.renderSubmit(a, t('sign_up'))}
      </form>`;
  }

  private submit(event: SubmitEvent): void {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    void this.attempt(async () => {
      const { state } = await acceptInvitation(this.api, {
        token: this.token ?? '',
        username: valueOf(form, 'username').trim(),
        name: valueOf(form, 'name').trim(),
        password: valueOf(form, 'password'),
      });
      this.reached = state;
    });
  }
}

customElements.define('tidings-invitation-page', InvitationPage);
