import { html, nothing } from 'lit';
import { state } from 'lit/decorators.js';
import { confirmSignIn, signIn } from '../../api/accounts';
import type { SignInAnswer } from '../../api/types';
import { explain } from '../failures';
import { navigate } from '../navigation';
import { Page } from '../page';
import { returnPath } from '../return-path';
import { session } from '../session';
import { renderField, renderPassword, valueOf } from './fields';
import { renderFront } from './front';

/** Password first, then the authenticator's code where the account has one. */
export class SignInPage extends Page {
  @state() private isBusy = false;
  @state() private failure: unknown = null;
  @state() private mfaToken: string | null = null;

  override connectedCallback(): void {
    super.connectedCallback();
    if (session.me) this.leave();
  }

  override render() {
    return renderFront(this, this.t, this.mfaToken ? this.renderCode() : this.renderPassword());
  }

  protected override firstUpdated(): void {
    this.querySelector<HTMLInputElement>('form input')?.focus();
  }

  private renderPassword() {
    const { t } = this;
    const isSetUp = new URLSearchParams(location.search).has('created');
    return html`<h1>${t('sign_in')}</h1>
      ${isSetUp && !this.failure ? html`<p class="notice" role="status">${t('setup_done')}</p>` : nothing}
      ${this.renderFailure()}
      <form @submit=${this.submitPassword}>
        ${renderField({ name: 'login', label: t('login'), autocomplete: 'username' })}
        ${renderPassword({ name: 'password', label: t('password'), autocomplete: 'current-password' }, t('show_password'))}
        ${this.renderSubmit(t('sign_in'))}
      </form>`;
  }

  private renderCode() {
    const { t } = this;
    return html`<h1>${t('code_title')}</h1>
      ${this.renderFailure()}
      <form @submit=${this.submitCode}>
        ${renderField({ name: 'code', label: t('code'), autocomplete: 'one-time-code', inputmode: 'numeric' })}
        ${this.renderSubmit(t('continue'))}
        <button type="button" class="quiet wide" @click=${() => this.startOver()}>${t('back')}</button>
      </form>`;
  }

  private renderFailure() {
    return html`<div role="alert">
      ${this.failure ? html`<p class="notice bad">${explain(this.failure, this.t)}</p>` : nothing}
    </div>`;
  }

  private renderSubmit(label: string) {
    return html`<button class="filled wide" aria-disabled=${this.isBusy}>${this.isBusy ? this.t('signing_in') : label}</button>`;
  }

  private submitPassword(event: SubmitEvent): void {
    const form = event.target as HTMLFormElement;
    void this.submit(event, () => signIn(session.api, valueOf(form, 'login').trim(), valueOf(form, 'password')));
  }

  private submitCode(event: SubmitEvent): void {
    const code = valueOf(event.target as HTMLFormElement, 'code').replaceAll(' ', '');
    void this.submit(event, () => confirmSignIn(session.api, this.mfaToken ?? '', code));
  }

  private async submit(event: SubmitEvent, ask: () => Promise<SignInAnswer>): Promise<void> {
    event.preventDefault();
    if (this.isBusy) return;
    this.isBusy = true;
    this.failure = null;
    try {
      const answer = await ask();
      if (answer.mfa_required) this.mfaToken = answer.mfa_token;
      else await session.begin();
      if (session.me) this.leave();
    } catch (error) {
      this.failure = error;
    }
    this.isBusy = false;
    await this.updateComplete;
    this.querySelector<HTMLInputElement>(this.mfaToken ? '#code' : '#password')?.select();
  }

  private startOver(): void {
    this.mfaToken = null;
    this.failure = null;
  }

  private leave(): void {
    navigate(returnPath(new URLSearchParams(location.search).get('next')), 'replace');
  }
}

customElements.define('tidings-sign-in-page', SignInPage);
