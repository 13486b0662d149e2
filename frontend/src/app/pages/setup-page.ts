import { html, nothing } from 'lit';
import { state } from 'lit/decorators.js';
import { createAdministrator } from '../../api/accounts';
import { explain, fieldErrors } from '../failures';
import { navigate } from '../navigation';
import { Page } from '../page';
import { hrefOf } from '../root';
import { session } from '../session';
import { renderField, renderPassword, valueOf, type Field } from './fields';
import { renderFront } from './front';

/** Makes the first administrator, with the token of the setup link. */
export class SetupPage extends Page {
  @state() private isBusy = false;
  @state() private failure: unknown = null;

  override render() {
    return renderFront(this, this.t, this.token ? this.renderForm() : this.renderIncomplete());
  }

  private get token(): string | null {
    return new URLSearchParams(location.search).get('token');
  }

  private renderIncomplete() {
    return html`<h1>${this.t('setup_incomplete')}</h1>
      <p>${this.t('setup_incomplete_hint')}</p>
      <a class="outlined wide" href=${hrefOf('/sign-in')} data-route>${this.t('sign_in')}</a>`;
  }

  private renderForm() {
    const { t } = this;
    const errors = fieldErrors(this.failure);
    const hasOwnPlace = Object.keys(errors).some((name) => name === 'password' || this.fields.some((field) => field.name === name));
    const password = { name: 'password', label: t('password'), autocomplete: 'new-password', hint: t('password_hint'), minlength: 15 };
    return html`<h1>${t('setup_title')}</h1>
      <p class="lead">${t('setup_hint')}</p>
      <div role="alert">
        ${this.failure && !hasOwnPlace ? html`<p class="notice bad">${explain(this.failure, t)}</p>` : nothing}
      </div>
      <form @submit=${this.submit}>
        ${this.fields.map((field) => renderField({ ...field, error: errors[field.name] }))}
        ${renderPassword({ ...password, error: errors['password'] }, t('show_password'))}
        <button class="filled wide" aria-disabled=${this.isBusy}>${this.isBusy ? t('creating') : t('create')}</button>
      </form>`;
  }

  private get fields(): Field[] {
    const { t } = this;
    return [
      { name: 'name', label: t('name'), autocomplete: 'name' },
      {
        name: 'username',
        label: t('username'),
        autocomplete: 'username',
        hint: t('username_hint'),
        pattern: '[a-zA-Z0-9.]+',
      },
      { name: 'email', label: t('email'), type: 'email', autocomplete: 'email' },
    ];
  }

  private async submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (this.isBusy) return;
    const form = event.target as HTMLFormElement;
    const value = (name: string): string => valueOf(form, name);
    this.isBusy = true;
    this.failure = null;
    try {
      await createAdministrator(session.api, {
        token: this.token ?? '',
        username: value('username').trim(),
        email: value('email').trim(),
        name: value('name').trim(),
        password: value('password'),
      });
      await session.begin();
      // A server may sign the administrator in at once; otherwise the way in is the sign-in page.
      navigate(session.me ? '/inbox' : '/sign-in?created', 'replace');
    } catch (error) {
      this.failure = error;
    }
    this.isBusy = false;
  }
}

customElements.define('tidings-setup-page', SetupPage);
