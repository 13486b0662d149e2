import { html, nothing, type TemplateResult } from 'lit';
import { state } from 'lit/decorators.js';
import { confirmSignIn, listProviders, providerAddress, readPublicSettings, signIn, signInWithPasskey } from '../../api/accounts';
import { ProblemError } from '../../api/client';
import type { Proof, Providers, SignInAnswer } from '../../api/types';
import { navigate } from '../navigation';
import { canUsePasskeys, provePasskey } from '../passkeys';
import { returnPath } from '../return-path';
import { hrefOf } from '../root';
import { session } from '../session';
import { AccountPage } from './accounts/account-page';
import type { AccountTranslator } from './accounts/account-speech';
import { isDeadLink } from './accounts/sentences';
import { renderField, renderPassword, valueOf } from './fields';
import { factorsOf, halfFrom, type Factor, type HalfSignedIn } from './second-factor';

/** A password, a passkey or a provider first, then the second step where the account has one. */
export class SignInPage extends AccountPage {
  /** Null until it is known who else vouches for people. */
  @state() private providers: Providers['providers'] | null = null;
  @state() private half: HalfSignedIn | null = null;
  @state() private factor: Factor = 'totp';
  private readonly hasPasskeys = canUsePasskeys();
  private hasFocused = false;

  override connectedCallback(): void {
    super.connectedCallback();
    if (session.me) return this.leave();
    const query = new URLSearchParams(location.search);
    const code = query.get('error');
    if (code) this.failure = new ProblemError({ type: 'about:blank', title: '', status: 403, code });
    const half = halfFrom(location.hash);
    if (half) {
      history.replaceState(null, '', location.pathname + location.search);
      this.askSecond(half);
    }
  }

  protected override updated(): void {
    const first = this.querySelector<HTMLInputElement>('form input');
    if (this.hasFocused || !first) return;
    this.hasFocused = true;
    first.focus();
  }

  protected override renderWith(a: AccountTranslator): TemplateResult {
    if (this.half) return this.renderSecond(a, this.half);
    return this.providers ? this.renderFirst(a, this.providers) : this.renderUnsettled(a);
  }

  protected override explain(a: AccountTranslator, failure: unknown): string {
    const isWrongProof = this.half && failure instanceof ProblemError && failure.code === 'invalid_credentials';
    return isWrongProof ? a('proof_wrong') : super.explain(a, failure);
  }

  private renderFirst(a: AccountTranslator, providers: Providers['providers']): TemplateResult {
    const { t } = this;
    const query = new URLSearchParams(location.search);
    const news = query.has('created') ? t('setup_done') : query.has('deleted') ? a('data_leave_done') : null;
    const takesPasswords = this.settings?.local_login_enabled ?? true;
    return html`<h1>${t('sign_in')}</h1>
      ${news && !this.failure ? html`<p class="notice" role="status">${news}</p>` : nothing}
      ${this.renderFailure(a)} ${takesPasswords ? this.renderPassword(a) : nothing}
      ${takesPasswords && (providers.length || this.hasPasskeys) ? html`<p class="or">${a('or')}</p>` : nothing}
      <div class="ways">
        ${takesPasswords && this.hasPasskeys
          ? html`<button class="outlined wide" @click=${() => this.submitPasskey()}>${a('use_passkey')}</button>`
          : nothing}
        ${providers.map(
          ({ slug, name }) =>
            html`<a class="outlined wide" href=${providerAddress(this.api, slug, this.next)}>${a('provider', { name })}</a>`,
        )}
      </div>`;
  }

  private renderPassword(a: AccountTranslator): TemplateResult {
    const { t } = this;
    return html`<form @submit=${this.submitPassword}>
        ${renderField({ name: 'login', label: t('login'), autocomplete: 'username' })}
        ${renderPassword({ name: 'password', label: t('password'), autocomplete: 'current-password' }, t('show_password'))}
        ${this.renderSubmit(a, t('sign_in'))}
      </form>
      <p class="front-links">
        <a href=${hrefOf('/reset-password')} data-route>${a('forgotten')}</a>
        ${this.settings?.signup_enabled ? html`<a href=${hrefOf('/sign-up')} data-route>${t('sign_up')}</a>` : nothing}
      </p>`;
  }

  private renderSecond(a: AccountTranslator, half: HalfSignedIn): TemplateResult {
    const { t, factor } = this;
    const others = factorsOf(half.methods, this.hasPasskeys).filter((other) => other !== factor);
    const choose = (other: Factor) => (): void => {
      this.factor = other;
      this.failure = null;
      this.hasFocused = false;
    };
    return html`<h1 tabindex="-1">${t('code_title')}</h1>
      ${this.renderFailure(a)}
      <form @submit=${this.submitSecond}>
        ${factor === 'passkey' ? html`<p class="lead">${a('passkey_hint')}</p>` : renderField(this.fieldOf(a, factor))}
        ${this.renderSubmit(a, t('continue'))}
        ${others.map(
          (other) => html`<button type="button" class="outlined wide" @click=${choose(other)}>${a(`use_${other}`)}</button>`,
        )}
        <button type="button" class="quiet wide" @click=${() => this.startOver()}>${t('back')}</button>
      </form>`;
  }

  private fieldOf(a: AccountTranslator, factor: 'totp' | 'recovery_code') {
    if (factor === 'totp') {
      return { name: 'code', label: this.t('code'), autocomplete: 'one-time-code', inputmode: 'numeric' } as const;
    }
    return { name: 'recovery_code', label: a('recovery_code'), autocomplete: 'off', hint: a('recovery_hint') };
  }

  private submitPassword(event: SubmitEvent): void {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    void this.enter(() => signIn(this.api, valueOf(form, 'login').trim(), valueOf(form, 'password')));
  }

  private submitPasskey(): void {
    void this.enter(async () => signInWithPasskey(this.api, await provePasskey(this.api)));
  }

  private submitSecond(event: SubmitEvent): void {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const { factor, half } = this;
    const value = (name: string): string => valueOf(form, name).replaceAll(' ', '');
    const prove = async (): Promise<Proof> => {
      if (factor === 'passkey') return { passkey: await provePasskey(this.api) };
      return factor === 'totp' ? { code: value('code') } : { recovery_code: value('recovery_code') };
    };
    void this.enter(async () => confirmSignIn(this.api, half?.token ?? '', await prove()));
  }

  private async enter(ask: () => Promise<SignInAnswer>): Promise<void> {
    await this.attempt(async () => {
      const answer = await ask();
      if (answer.mfa_required) this.askSecond({ token: answer.mfa_token, methods: answer.methods });
      else await session.begin();
      if (session.me) this.leave();
    });
    if (isDeadLink(this.failure)) this.half = null; // The second step came too late: the first is due again.
    await this.updateComplete;
    const field = this.half ? 'form input' : '#password';
    this.querySelector<HTMLInputElement>(field)?.select();
  }

  private askSecond(half: HalfSignedIn): void {
    this.half = half;
    [this.factor = 'totp'] = factorsOf(half.methods, this.hasPasskeys);
  }

  private startOver(): void {
    this.half = null;
    this.failure = null;
    this.hasFocused = false;
  }

  /** Without an answer the page offers what every server has: signing in itself says what is wrong then. */
  protected override async loadSettings(): Promise<void> {
    if (session.me) return;
    const [settings, found] = await Promise.allSettled([readPublicSettings(this.api), listProviders(this.api)]);
    if (settings.status === 'fulfilled') this.settings = settings.value;
    const only = found.status === 'fulfilled' && found.value.auto_redirect ? found.value.providers[0] : undefined;
    if (only && this.mayGoOn) return location.assign(providerAddress(this.api, only.slug, this.next));
    this.providers = found.status === 'fulfilled' ? found.value.providers : [];
  }

  /** Not after signing out, nor after a refusal: the provider would send people straight back. */
  private get mayGoOn(): boolean {
    const query = new URLSearchParams(location.search);
    const isToldToStay = ['error', 'created', 'deleted', 'stay'].some((name) => query.has(name));
    return !isToldToStay && !this.half && !session.hasKnownSomebody;
  }

  private get next(): string {
    return returnPath(new URLSearchParams(location.search).get('next'));
  }

  private leave(): void {
    navigate(this.next, 'replace');
  }
}

customElements.define('tidings-sign-in-page', SignInPage);
