import { html, nothing, type TemplateResult } from 'lit';
import { query, state } from 'lit/decorators.js';
import { ProblemError, UnreachableError } from '../../../api/client';
import { icon } from '../../../elements/icons';
import { Poll } from '../../poll';
import type { AccountTranslator } from '../accounts/account-speech';
import { sentence } from '../accounts/sentences';
import { OwnPage } from '../own-page';
import './identities-part';
import './passkeys-part';
import './password-part';
import { readSecurity, type Security } from './reading';
import './recovery-part';
import type { RecoveryPart } from './recovery-part';
import './security.css';
import './sessions-part';
import './totp-part';

/** Everything that opens one's account, and where it is open. */
export class SecurityPage extends OwnPage {
  protected readonly heading = 'security';
  @state() private security: Security | null = null;
  @state() private isOffline = false;
  /** What the way back from a provider said: which one was linked, or why none was. */
  @state() private linked: string | null = null;
  @state() private linkFailure: ProblemError | null = null;
  @query('tidings-recovery-part') private recovery!: RecoveryPart | null;
  private readonly poll = new Poll(this, 60, () => this.keepUp());

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener('offline', this.loseConnection);
    const answer = new URLSearchParams(location.search);
    const code = answer.get('error');
    this.linked = answer.get('linked');
    this.linkFailure = code ? new ProblemError({ type: 'about:blank', title: '', status: 403, code }) : null;
    if (location.search) history.replaceState(null, '', location.pathname);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('offline', this.loseConnection);
  }

  protected async load(): Promise<void> {
    this.security = await readSecurity(this.api);
  }

  protected renderWith(a: AccountTranslator): TemplateResult {
    const { security, linkFailure } = this;
    if (!security) return html``;
    const { settings, identities, providers } = security;
    const hasProviders = identities.length + providers.length > 0;
    return html`${this.isOffline ? renderOffline(a) : nothing}
      <div role="alert">${linkFailure ? html`<p class="notice bad">${sentence(linkFailure, a, this.t)}</p>` : nothing}</div>
      <div class="own-parts">
        ${settings.local_login_enabled
          ? html`<tidings-password-part .a=${a} .security=${security} @changed=${this.refresh}></tidings-password-part>`
          : nothing}
        <tidings-passkeys-part .a=${a} .security=${security} @changed=${this.refresh}></tidings-passkeys-part>
        <tidings-totp-part .a=${a} .security=${security} @changed=${this.refresh}></tidings-totp-part>
        <tidings-recovery-part .a=${a} .security=${security} @changed=${this.refresh}></tidings-recovery-part>
        ${hasProviders
          ? html`<tidings-identities-part .a=${a} .security=${security} .linked=${this.linked} @changed=${this.refresh}></tidings-identities-part>`
          : nothing}
        <tidings-sessions-part .a=${a} .security=${security} @changed=${this.refresh}></tidings-sessions-part>
      </div>`;
  }

  private readonly loseConnection = (): void => void (this.isOffline = true);

  /** Something was done here. Whoever set up a first second factor gets recovery codes with it. */
  private async refresh(): Promise<void> {
    const had = this.security?.factors.mfa_enabled;
    await this.poll.now();
    const { mfa_enabled: has, recovery_codes_left: left } = this.security?.factors ?? {};
    if (!had && has && !left) await this.recovery?.makeFirst();
  }

  private async keepUp(): Promise<void> {
    if (!this.security) return;
    try {
      await this.load();
      this.isOffline = !navigator.onLine;
      this.failure = null;
    } catch (error) {
      this.isOffline = error instanceof UnreachableError;
      if (error instanceof ProblemError && error.status === 401) await this.checkSession();
      else this.failure = this.isOffline ? null : error;
    }
    this.requestUpdate(); // Relative times move on, also when nothing else did.
  }
}

function renderOffline(a: AccountTranslator): TemplateResult {
  return html`<p class="notice with-icon" role="status">${icon('offline')}<span>${a('security_offline')}</span></p>`;
}

customElements.define('tidings-security-page', SecurityPage);
