import { html, nothing } from 'lit';
import { state } from 'lit/decorators.js';
import '../../elements/define';
import { mark } from '../brand';
import { explain } from '../failures';
import { Page } from '../page';
import { session } from '../session';
import { speech } from '../speech';
import { showInTab } from '../tab-title';
import { currentTheme } from '../theme';
import { renderThemeSwitch } from '../theme-switch';

/** The signed-in person's notifications under the app's header. */
export class InboxPage extends Page {
  @state() private failure: unknown = null;
  private unseen = 0;

  override render() {
    const { t } = this;
    return html`<header class="bar">
        <a class="skip" href="#content">${t('skip')}</a>
        <div class="bar-inner">
          <a class="brand" href="/inbox" data-route>${mark()}<span>Tidings</span></a>
          <span class="who" title=${t('signed_in_as', { name: session.me?.name ?? '' })}>${session.me?.name}</span>
          ${renderThemeSwitch(t, () => this.requestUpdate())}
          <tidings-bell
            locale=${speech.language}
            theme=${currentTheme()}
            @counts=${(event: CustomEvent<{ unseen: number }>) => this.count(event.detail.unseen)}
            @signed-out=${this.checkSession}
          ></tidings-bell>
          <button class="quiet sign-out" @click=${this.signOut}>
            <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
              <path d="M10 4.5H5.5v15H10M9.5 12H20M16 8l4 4-4 4" />
            </svg>
            <span>${t('sign_out')}</span>
          </button>
        </div>
      </header>
      <main class="column" id="content" tabindex="-1">
        <h1>${t('inbox')}</h1>
        <div role="alert">${this.failure ? html`<p class="notice bad">${explain(this.failure, t)}</p>` : nothing}</div>
        <tidings-inbox class="card" locale=${speech.language} theme=${currentTheme()}></tidings-inbox>
      </main>`;
  }

  protected override updated(): void {
    showInTab(this.t('inbox'), this.unseen);
  }

  private count(unseen: number): void {
    this.unseen = unseen;
    showInTab(this.t('inbox'), unseen);
  }

  /** The session ended elsewhere: the app then shows the sign-in page and comes back here. */
  private async checkSession(): Promise<void> {
    await session.load().catch((error: unknown) => (this.failure = error));
  }

  private async signOut(): Promise<void> {
    try {
      await session.end();
    } catch (error) {
      this.failure = error;
    }
  }
}

customElements.define('tidings-inbox-page', InboxPage);
