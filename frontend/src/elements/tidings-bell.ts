import { html, LitElement, nothing } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { bellStyles } from './bell-styles';
import { icon } from './icons';
import { StoreController, type InboxHost } from './store-controller';
import { controls, tokens } from './tokens';

/**
 * A bell with a count that opens the inbox. Besides the inbox's events it fires `counts` with `{unread, unseen}`
 * whenever they change, for a page title or an app badge, and `signed-out` when the server knows the caller no more.
 */
export class TidingsBell extends LitElement implements InboxHost {
  static override styles = [tokens, controls, bellStyles];

  @property() server = '';
  @property() token: string | null = null;
  @property() locale: string | null = null;
  @property({ reflect: true }) theme: string | null = null;
  /** What the badge counts. */
  @property() badge: 'unseen' | 'unread' = 'unseen';

  @state() private isOpen = false;
  private isPanelToTheRight = false;
  @query('.bell') private bell!: HTMLButtonElement;
  @query('.panel') private panel!: HTMLElement;

  private readonly inbox = new StoreController(this, {
    // While the panel is open, the inbox in it says so.
    onArrival: (detail) =>
      this.isOpen || this.dispatchEvent(new CustomEvent('notification', { detail, bubbles: true, composed: true })),
    onSignedOut: () => this.dispatchEvent(new Event('signed-out')),
  });
  private told = '';

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('pointerdown', this.leave);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('pointerdown', this.leave);
  }

  override render() {
    const count = this.count;
    return html`<button
        class="bell quiet"
        part="bell"
        aria-label=${this.label(count)}
        aria-haspopup="dialog"
        aria-expanded=${this.isOpen}
        @click=${() => (this.isOpen ? this.close() : this.open())}
      >
        ${icon('bell')}${count ? html`<span class="badge" part="badge">${count > 99 ? '99+' : count}</span>` : nothing}
      </button>
      ${this.isOpen ? this.renderPanel() : nothing}`;
  }

  protected override updated(): void {
    const { unreadCount, unseenCount } = this.inbox.store?.view ?? { unreadCount: 0, unseenCount: 0 };
    const counts = `${unreadCount} ${unseenCount}`;
    if (counts === this.told) return;
    this.told = counts;
    this.dispatchEvent(new CustomEvent('counts', { detail: { unread: unreadCount, unseen: unseenCount } }));
  }

  private renderPanel() {
    const { t } = this.inbox;
    return html`<div class="panel ${this.isPanelToTheRight ? 'to-the-right' : ''}" part="panel" role="dialog" aria-label=${t('title')} tabindex="-1" @keydown=${this.press}>
      <div class="head">
        <span>${t('title')}</span>
        <button class="quiet" aria-label=${t('close')} @click=${() => this.close()}>${icon('close')}</button>
      </div>
      <tidings-inbox
        exportparts="inbox, toolbar, tab, feed, entry, unread, read, icon, title, message, action, tools, pill, banner, toast, state"
        .server=${this.server}
        .token=${this.token}
        .locale=${this.locale}
        .theme=${this.theme}
      ></tidings-inbox>
    </div>`;
  }

  private get count(): number {
    const view = this.inbox.store?.view;
    return (this.badge === 'unread' ? view?.unreadCount : view?.unseenCount) ?? 0;
  }

  private label(count: number): string {
    return count ? this.inbox.t(`bell_${this.badge}`, { count }) : this.inbox.t('bell');
  }

  private open(): void {
    this.chooseSide();
    this.isOpen = true;
    void this.updateComplete.then(() => this.panel.focus());
  }

  /** The panel goes to the side of the page where there is more room, and is no wider than that. */
  private chooseSide(): void {
    const { left, right } = this.getBoundingClientRect();
    const roomToTheRight = document.documentElement.clientWidth - left;
    this.isPanelToTheRight = roomToTheRight > right;
    this.style.setProperty('--room', `${Math.max(right, roomToTheRight)}px`);
  }

  private close(): void {
    this.isOpen = false;
    this.bell.focus();
  }

  private press(event: KeyboardEvent): void {
    if (event.key !== 'Escape' || event.defaultPrevented) return;
    event.preventDefault();
    this.close();
  }

  private readonly leave = (event: Event): void => {
    if (this.isOpen && !event.composedPath().includes(this)) this.isOpen = false;
  };
}
