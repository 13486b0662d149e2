import { html, nothing, type PropertyValues } from 'lit';
import { state } from 'lit/decorators.js';
import { UnreachableError } from '../api/client';
import { detour } from './duties';
import { explain } from './failures';
import { renderFrame, showCurrentSection, type SectionName } from './frame';
import { followLinks, navigate } from './navigation';
import { Page } from './page';
import { pathOf } from './root';
import { adminsOnly, routeOf, type Route } from './routes';
import { session } from './session';
import { speech } from './speech';
import { showInTab } from './tab-title';

/** Shows the page of the address, and the sign-in page first where that is needed. */
export class TidingsApp extends Page {
  @state() private route: Route | null = null;
  /** What kept the app from starting. */
  @state() private failure: unknown = null;
  @state() private frameFailure: unknown = null;
  private unseen = 0;

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
    if (!this.route) return nothing;
    return this.route.section ? this.renderFramed(this.route.section, this.route) : this.route.render();
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('route')) {
      window.scrollTo(0, 0);
      showCurrentSection(this);
    }
    if (this.route) showInTab(this.t(this.route.title), this.route.section ? this.unseen : 0);
  }

  private renderFramed(current: SectionName, route: Route) {
    const count = (unseen: number): void => {
      this.unseen = unseen;
      this.requestUpdate();
    };
    const guard = (act: () => Promise<void>) => async (): Promise<void> => {
      this.frameFailure = null;
      await act().catch((error: unknown) => (this.frameFailure = error));
    };
    return renderFrame(
      {
        t: this.t,
        current,
        failure: this.frameFailure,
        draw: () => this.requestUpdate(),
        count,
        checkSession: guard(() => session.load()),
        signOut: guard(() => session.end()),
      },
      route.render(),
    );
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
    const path = pathOf(location.pathname);
    const found = routeOf(path);
    if (found.audience !== 'everybody' && !session.me) {
      return navigate(`/sign-in?next=${encodeURIComponent(path + location.search)}`, 'replace');
    }
    const instead = found.audience !== 'everybody' && session.me ? detour(session.me, path, location.search) : null;
    if (instead) return navigate(instead, 'replace');
    const wanted = found.audience === 'administrators' && session.me?.access_type !== 'admin' ? adminsOnly : found;
    try {
      await Promise.all([wanted.load(), speech.follow()]);
    } catch (cause) {
      // The page's own code: the network is gone, or a newer release has taken its place.
      this.failure = new UnreachableError('The page cannot be loaded.', { cause });
      return;
    }
    if (found !== routeOf(pathOf(location.pathname))) return;
    this.failure = null;
    this.route = wanted;
  };
}

customElements.define('tidings-app', TidingsApp);
