import { html, nothing, type TemplateResult } from 'lit';
import { state } from 'lit/decorators.js';
import { readPublicSettings } from '../../../api/accounts';
import type { PublicSettings } from '../../../api/types';
import { Page } from '../../page';
import { hrefOf } from '../../root';
import { session } from '../../session';
import { renderField, valueOf } from '../fields';
import { renderFront } from '../front';
import { AccountSpeech, type AccountTranslator } from './account-speech';
import './accounts.css';
import { isDeadLink, sentence } from './sentences';

/** A page before or around signing in: it does nothing until its button is pressed, and says what came of it. */
export abstract class AccountPage extends Page {
  /** The photo beside the form, from page to page: it need not be asked for before it is shown. */
  private static photo: string | null = null;
  @state() protected isBusy = false;
  @state() protected failure: unknown = null;
  /** The letter's link can no longer be used. */
  @state() protected isDead = false;
  @state() protected settings: PublicSettings | null = null;
  @state() private loadFailure: unknown = null;
  protected readonly api = session.api;
  private readonly words = new AccountSpeech(this);

  protected abstract renderWith(a: AccountTranslator): TemplateResult;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.loadSettings();
  }

  override render() {
    const a = this.words.t;
    if (this.settings) AccountPage.photo = this.settings.login_photo_url;
    return renderFront(this, this.t, a ? this.renderWith(a) : html``, AccountPage.photo);
  }

  /** What the letter's link carries. */
  protected get token(): string | null {
    return new URLSearchParams(location.search).get('token');
  }

  protected async loadSettings(): Promise<void> {
    this.loadFailure = null;
    try {
      this.settings = await readPublicSettings(this.api);
    } catch (error) {
      this.loadFailure = error;
    }
  }

  /** What stands here until the settings are known. */
  protected renderUnsettled(a: AccountTranslator): TemplateResult {
    if (!this.loadFailure) return html`<p class="lead" role="status">${a('working')}</p>`;
    return html`<p class="notice bad" role="alert">${sentence(this.loadFailure, a, this.t)}</p>
      <button class="outlined wide" @click=${() => this.loadSettings()}>${this.t('retry')}</button>`;
  }

  protected renderFailure(a: AccountTranslator, isAtField = false): TemplateResult {
    const isShown = this.failure && !isAtField;
    return html`<div role="alert">
      ${isShown ? html`<p class="notice bad">${this.explain(a, this.failure)}</p>` : nothing}
    </div>`;
  }

  protected explain(a: AccountTranslator, failure: unknown): string {
    return sentence(failure, a, this.t);
  }

  protected renderSubmit(a: AccountTranslator, label: string): TemplateResult {
    return html`<button class="filled wide" aria-disabled=${this.isBusy}>${this.isBusy ? a('working') : label}</button>`;
  }

  /** Something is over: what it came to, and what to do next. */
  protected renderEnd(title: string, hint: string, next: TemplateResult | typeof nothing = this.renderSignInLink()): TemplateResult {
    return html`<h1 tabindex="-1">${title}</h1>
      <p class="lead">${hint}</p>
      ${next}`;
  }

  protected renderSignInLink(kind: 'filled' | 'outlined' = 'filled'): TemplateResult {
    return html`<a class="${kind} wide" href=${hrefOf('/sign-in')} data-route>${this.t('sign_in')}</a>`;
  }

  /** The same whoever it was: whether somebody here has the address is nobody else's business. */
  protected renderLetter(a: AccountTranslator, email: string, askAgain: () => void): TemplateResult {
    return html`<h1 tabindex="-1">${a('letter_title')}</h1>
      <p>${a('letter_hint', { email })}</p>
      <p class="lead">${a('letter_spam')}</p>
      ${this.renderSignInLink('outlined')}
      <button class="quiet wide" @click=${askAgain}>${a('ask_again')}</button>`;
  }

  /** Asks for the address to which a letter goes. */
  protected renderAddress(a: AccountTranslator, submit: (email: string) => Promise<void>): TemplateResult {
    const send = (event: SubmitEvent): void => {
      event.preventDefault();
      void submit(valueOf(event.target as HTMLFormElement, 'email').trim());
    };
    return html`<form @submit=${send}>
      ${renderField({ name: 'email', label: this.t('email'), type: 'email', autocomplete: 'email' })}
      ${this.renderSubmit(a, a('send_letter'))}
    </form>`;
  }

  /** Does what a button asks for, once at a time; a complaint about a field brings the keyboard there. */
  protected async attempt(act: () => Promise<void>): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    this.failure = null;
    try {
      await act();
    } catch (error) {
      if (this.token && isDeadLink(error)) this.isDead = true;
      else this.failure = error;
    }
    this.isBusy = false;
    await this.updateComplete;
    (this.querySelector<HTMLElement>('[aria-invalid]') ?? this.querySelector<HTMLElement>('h1[tabindex]'))?.focus();
  }
}
