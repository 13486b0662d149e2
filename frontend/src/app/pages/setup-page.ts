import { html, type TemplateResult } from 'lit';
import { createAdministrator } from '../../api/accounts';
import { navigate } from '../navigation';
import { session } from '../session';
import { AccountPage } from './accounts/account-page';
import type { AccountTranslator } from './accounts/account-speech';
import { newAccountFields } from './accounts/new-account-fields';
import { complaints, passwordLength } from './accounts/sentences';
import { renderField, renderPassword, valueOf } from './fields';

/** Makes the first administrator, with the token of the setup link. */
export class SetupPage extends AccountPage {
  protected override renderWith(a: AccountTranslator): TemplateResult {
    if (!this.token) return this.renderEnd(this.t('setup_incomplete'), this.t('setup_incomplete_hint'), this.renderSignInLink('outlined'));
    if (this.isDead) return this.renderEnd(a('link_dead'), a('setup_dead_hint'));
    if (!this.settings) return this.renderUnsettled(a);
    return this.renderForm(a, passwordLength(this.settings, { access_type: 'admin', mfa_enabled: false }));
  }

  private renderForm(a: AccountTranslator, length: number): TemplateResult {
    const { t } = this;
    const errors = complaints(this.failure, a, length);
    const { name, username, password } = newAccountFields(a, t, length);
    const fields = [name, username, { name: 'email', label: t('email'), type: 'email', autocomplete: 'email' } as const];
    const isAtField = [...fields, password].some((field) => errors[field.name]);
    return html`<h1>${t('setup_title')}</h1>
      <p class="lead">${t('setup_hint')}</p>
      ${this.renderFailure(a, isAtField)}
      <form @submit=${this.submit}>
        ${fields.map((field) => renderField({ ...field, error: errors[field.name] }))}
        ${renderPassword({ ...password, error: errors['password'] }, t('show_password'))}
        <button class="filled wide" aria-disabled=${this.isBusy}>${this.isBusy ? t('creating') : t('create')}</button>
      </form>`;
  }

  private submit(event: SubmitEvent): void {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    void this.attempt(async () => {
      await createAdministrator(session.api, {
        token: this.token ?? '',
        username: valueOf(form, 'username').trim(),
        email: valueOf(form, 'email').trim(),
        name: valueOf(form, 'name').trim(),
        password: valueOf(form, 'password'),
      });
      await session.begin();
      // A server may sign the administrator in at once; otherwise the way in is the sign-in page.
      navigate(session.me ? '/inbox' : '/sign-in?created', 'replace');
    });
  }
}

customElements.define('tidings-setup-page', SetupPage);
