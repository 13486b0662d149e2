import { html, nothing, type TemplateResult } from 'lit';
import { endOtherSessions, endSession } from '../../../api/security';
import type { UserSession } from '../../../api/security-types';
import { askFirst } from '../../question-dialog';
import { session as current } from '../../session';
import type { AccountTranslator } from '../accounts/account-speech';
import { SecurityPart } from './security-part';

/** Where one is signed in, and signing out there. */
export class SessionsPart extends SecurityPart {
  protected readonly name = 'sessions';

  protected renderBody(): TemplateResult {
    const { a } = this;
    const { sessions } = this.security;
    const hasOthers = sessions.some((session) => !session.is_current);
    return html`<p class="lead">${a('security_sessions_hint')}</p>
      ${this.renderOutcome()}
      <ul class="rows">
        ${sessions.map((session) => this.renderSession(session))}
      </ul>
      <div class="own-buttons start">
        ${hasOthers
          ? html`<button class="outlined" @click=${() => this.endOthers()}>${a('security_end_others')}</button>`
          : nothing}
        <button class="outlined" @click=${() => this.endAll()}>${a('security_end_all')}</button>
      </div>`;
  }

  private renderSession(session: UserSession): TemplateResult {
    const { a } = this;
    const { kind, ip, created_at, last_used_at, is_current } = session;
    const name = nameOf(a, session);
    return html`<li>
      <div>
        <p class="row-name">
          <strong dir="auto">${name}</strong>
          ${is_current ? html`<span class="own-badge on">${a('security_this_device')}</span>` : nothing}
          ${kind === 'token' ? html`<span class="own-badge">${a('security_app')}</span>` : nothing}
        </p>
        <p class="lead">
          ${ip ? html`<span dir="ltr">${ip}</span> · ` : nothing}${this.renderTime('security_at_signed_in', created_at)} ·
          ${this.renderTime('security_at_used', last_used_at)}
        </p>
      </div>
      ${is_current
        ? nothing
        : html`<button class="outlined" aria-label=${a('security_end_it', { name })} @click=${() => this.end(session)}>
            ${a('security_end')}
          </button>`}
    </li>`;
  }

  private async end(session: UserSession): Promise<void> {
    const { a } = this;
    const isDone = await askFirst({
      title: a('security_end_question', { name: nameOf(a, session) }),
      hint: a('security_end_hint'),
      verb: a('security_end'),
      act: () => endSession(this.api, session.id),
    });
    await this.tellOf(isDone);
  }

  private async endOthers(): Promise<void> {
    const { a } = this;
    const isDone = await askFirst({
      title: a('security_end_others_question'),
      hint: a('security_end_others_hint'),
      verb: a('security_end_others'),
      act: () => endOtherSessions(this.api),
    });
    await this.tellOf(isDone);
  }

  /** This browser last: it is the one that asks. The app then shows the sign-in page. */
  private async endAll(): Promise<void> {
    const { a } = this;
    await askFirst({
      title: a('security_end_all_question'),
      hint: a('security_end_all_hint'),
      verb: a('security_end_all'),
      act: async () => {
        await endOtherSessions(this.api);
        await current.end();
      },
    });
  }

  private async tellOf(isDone: boolean): Promise<void> {
    await this.did(isDone ? 'security_ended' : undefined);
    if (isDone) await this.goToTitle();
  }
}

/** What a session is on, as far as it is known. */
function nameOf(a: AccountTranslator, { device, browser }: UserSession): string {
  if (device && browser) return a('security_browser_on', { browser, device });
  return browser || device || a('security_unknown_device');
}

customElements.define('tidings-sessions-part', SessionsPart);
