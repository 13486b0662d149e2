import { html, type TemplateResult } from 'lit';
import { state } from 'lit/decorators.js';
import { signUp } from '../../../api/accounts';
import { ProblemError } from '../../../api/client';
import { isLanguage } from '../../../i18n/languages';
import { navigate } from '../../navigation';
import { speech } from '../../speech';
import { renderField, renderPassword, valueOf } from '../fields';
import { AccountPage } from './account-page';
import type { AccountTranslator } from './account-speech';
import { newAccountFields } from './new-account-fields';
import { complaints, passwordLength } from './sentences';

/** Asks for an account, where strangers may. */
export class SignUpPage extends AccountPage {
  /** The address it was asked for with. */
  @state() private asked: string | null = null;

  protected override renderWith(a: AccountTranslator): TemplateResult {
    if (this.asked !== null) return this.renderLetter(a, this.asked, () => navigate('/verify-email'));
    if (!this.settings) return this.renderUnsettled(a);
    const isRefused = this.failure instanceof ProblemError && this.failure.code === 'sign_up_disabled';
    const { signup_enabled: isOpen, local_login_enabled: takesPasswords } = this.settings;
    if (isRefused || !isOpen || !takesPasswords) return this.renderEnd(a('sign_up_off'), a('sign_up_off_hint'));
    return this.renderForm(a, passwordLength(this.settings, 'regular'));
  }

  private renderForm(a: AccountTranslator, length: number): TemplateResult {
    const { t } = this;
    const errors = complaints(this.failure, a, length);
    const { name, username, password } = newAccountFields(a, t, length);
    const fields = [name, username, { name: 'email', label: t('email'), type: 'email', autocomplete: 'email' } as const];
    const isAtField = [...fields, password].some((field) => errors[field.name]);
    return html`<h1 tabindex="-1">${t('sign_up')}</h1>
      <p class="lead">${a('sign_up_hint')}</p>
      ${this.renderFailure(a, isAtField)}
      <form @submit=${this.submit}>
        ${fields.map((field) => renderField({ ...field, error: errors[field.name] }))}
        ${renderPassword({ ...password, error: errors['password'] }, t('show_password'))}
        ${this.renderSubmit(a, t('sign_up'))}
      </form>
      ${this.renderSignInLink('outlined')}`;
  }

  private submit(event: SubmitEvent): void {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const email = valueOf(form, 'email').trim();
    void this.attempt(async () => {
      await signUp(this.api, {
        email,
        username: valueOf(form, 'username').trim(),
        name: valueOf(form, 'name').trim(),
        password: valueOf(form, 'password'),
        preferred_language: isLanguage(speech.language) ? speech.language : 'us',
      });
      this.asked = email;
    });
  }
}

customElements.define('tidings-sign-up-page', SignUpPage);
