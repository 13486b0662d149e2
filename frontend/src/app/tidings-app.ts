import { html, nothing } from 'lit';
import { state } from 'lit/decorators.js';
import { explain } from './failures';
import { followLinks, navigate } from './navigation';
import { Page } from './page';
import { routeOf, type Route } from './routes';
import { session } from './session';
import { speech } from './speech';
import { showInTab } from './tab-title';

/** Shows the page of the address, and the sign-in page first where that is needed. */
export class TidingsApp extends Page {
  @state() private route: Route | null = null;
  @state() private failure: unknown = null;

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener('popstate', this.follow);
    session.addEventListener('change', this.follow);
    document.addEventListener('click', followLinks);
    void this.start();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('popstate', this.follow);
    session.removeEventListener('change', this.follow);
    document.removeEventListener('click', followLinks);
  }

  override render() {
    if (this.failure) return this.renderFailure();
    return this.route?.render() ?? nothing;
  }

  private renderFailure() {
    return html`<main class="notice-page">
      <h1>${explain(this.failure, this.t)}</h1>
      <button class="filled" @click=${() => this.start()}>${this.t('retry')}</button>
    </main>`;
  }

  private async start(): Promise<void> {
    this.failure = null;
    try {
      await session.load();
    } catch (error) {
      await speech.follow();
      this.failure = error;
    }
  }

  private readonly follow = async (): Promise<void> => {
    if (session.me === undefined) return;
    const wanted = routeOf(location.pathname);
    if (wanted.needsSignIn && !session.me) {
      navigate(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`, 'replace');
      return;
    }
    await Promise.all([wanted.load(), speech.follow()]);
    if (wanted !== routeOf(location.pathname)) return;
    this.route = wanted;
    showInTab(this.t(wanted.title), 0);
  };
}

customElements.define('tidings-app', TidingsApp);
