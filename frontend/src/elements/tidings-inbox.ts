import { html, LitElement, nothing } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { ref } from 'lit/directives/ref.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Notification } from '../api/types';
import { visibleEntries, type Tab } from '../stream/inbox-state';
import { Announcer } from './announcer';
import { renderEntry, type EntryAct } from './entry';
import { EntryActs } from './entry-acts';
import { EntryPlace } from './entry-place';
import type { HelpDialog } from './help-dialog';
import { icon } from './icons';
import { inboxStyles } from './inbox-styles';
import { commandFor, type Command } from './keyboard';
import { ScrollHold } from './scroll-hold';
import { SeenWatch } from './seen-watch';
import { renderConnection, renderEmpty, renderError, renderSkeleton } from './states';
import { StoreController, type InboxHost } from './store-controller';
import { Toast } from './toast';
import { renderToolbar } from './toolbar';
import { controls, tokens } from './tokens';

/**
 * A person's notifications, newest first and live. Fires `notification` when one arrives, `open` and `action`
 * (both can be cancelled) when the person follows one, each with the notification as `detail`.
 */
export class TidingsInbox extends LitElement implements InboxHost {
  static override styles = [tokens, controls, inboxStyles];

  /** Where Tidings lives; the page's own origin when left out. */
  @property() server = '';
  /** A recipient token; the session cookie when left out. */
  @property() token: string | null = null;
  @property() locale: string | null = null;
  @property({ reflect: true }) theme: string | null = null;

  @state() private tab: Tab = 'all';
  @query('tidings-help-dialog') private help!: HelpDialog;

  private readonly toast = new Toast(this);
  private readonly hold = new ScrollHold(this);
  private readonly place = new EntryPlace(this);
  private readonly inbox = new StoreController(this, {
    onArrival: (entry) => this.arrive(entry),
    onFailure: (intent) => intent.kind !== 'seen_all' && this.notify(this.inbox.t('failed')),
  });
  private readonly announcer = new Announcer(this, this.inbox);
  private readonly acts = new EntryActs(this, this.inbox, this.place, (text, undo) => this.notify(text, undo));

  constructor() {
    super();
    new SeenWatch(this, this.inbox, () => this.place.entries !== undefined && this.hold.held.size === 0);
    this.addEventListener('keydown', (event) => this.press(event));
  }

  protected override willUpdate(): void {
    const { store } = this.inbox;
    if (!store) return;
    if (store.status[this.tab] === undefined) void store.show(this.tab);
    this.place.show(visibleEntries(store.view, this.tab)?.filter((entry) => !this.hold.held.has(entry.id)));
  }

  override render() {
    const { t, store, isTranslated } = this.inbox;
    if (!store) return nothing;
    return html`<div part="inbox">
        ${isTranslated ? this.renderToolbar() : html`<div class="toolbar"></div>`}
        <div class="panel" id="panel" role="tabpanel" aria-labelledby="tab-${this.tab}">
          <div class="top" ${ref(this.hold.watch)}></div>
          ${this.renderPill()} ${this.renderList()}
        </div>
        <div class="foot">
          <div class="notices">
            ${renderConnection(t, store.connection, navigator.onLine, () => store.reconnect())} ${this.toast.render(t('undo'))}
          </div>
        </div>
      </div>
      <div class="visually-hidden" role="status" aria-live="polite">${this.announcer.text}</div>
      <tidings-help-dialog .t=${t}></tidings-help-dialog>`;
  }

  private renderToolbar() {
    return renderToolbar({
      t: this.inbox.t,
      tab: this.tab,
      unread: this.inbox.store?.view.unreadCount ?? 0,
      choose: (tab) => this.choose(tab),
      run: (command) => this.run(command),
    });
  }

  private renderPill() {
    const count = this.hold.held.size;
    if (!count) return nothing;
    const label = this.inbox.t('arrived_short', { count });
    return html`<div class="pill">
      <button class="filled" part="pill" @click=${() => this.hold.showHeld()}>${icon('up')}${label}</button>
    </div>`;
  }

  private renderList() {
    const { t, store, isTranslated } = this.inbox;
    const { entries } = this.place;
    const status = store?.status[this.tab];
    if (!isTranslated || (!entries && status !== 'failed')) return renderSkeleton(t, isTranslated);
    if (!entries) return renderError(t, () => store?.start().then(() => store.show(this.tab)));
    const isEnd = store?.view.listings[this.tab]?.nextCursor === null;
    if (!entries.length && isEnd) return renderEmpty(t, this.tab, () => this.leaveEmpty());
    const size = isEnd ? entries.length : -1;
    const articles = repeat(entries, ({ id }) => id, (entry, index) => this.renderEntry(entry, index + 1, size));
    return html`<div role="feed" part="feed" aria-label=${t('title')} aria-busy=${status === 'loading'} @focusin=${this.place.follow}>
        ${articles}
      </div>
      <div class="more">${isEnd ? t('end') : this.renderMore(status === 'loading', status === 'failed')}</div>`;
  }

  private renderEntry(entry: Notification, position: number, size: number) {
    return renderEntry(entry, {
      t: this.inbox.t,
      server: this.inbox.store?.api.server ?? '',
      now: new Date(),
      position,
      size,
      isCurrent: entry.id === this.place.currentId,
      isMenuOpen: entry.id === this.acts.menuFor,
      act: (act: EntryAct, about: Notification, event?: Event) => this.acts.act(act, about, event),
      snooze: (about: Notification, until: string | null) => this.acts.snooze(about, until),
    });
  }

  private renderMore(isLoading: boolean, isFailed: boolean) {
    const label = this.inbox.t(isLoading ? 'loading' : isFailed ? 'retry' : 'load_more');
    const load = () => void this.inbox.store?.loadMore(this.tab);
    return html`<button class="outlined" aria-disabled=${isLoading} @click=${load}>${label}</button>`;
  }

  private press(event: KeyboardEvent): void {
    const command = commandFor(event);
    if (!command) return;
    event.preventDefault();
    this.run(command);
  }

  private run(command: Command): void {
    const entry = this.place.current;
    if (command === 'help') this.help.show();
    else if (command === 'undo') this.toast.undo();
    else if (command === 'read_all') void this.inbox.store?.perform({ kind: 'read_all' });
    else if (command === 'next' || command === 'previous') this.place.step(command === 'next' ? 1 : -1);
    else if (entry) this.acts.act(command, entry);
  }

  private choose(tab: Tab): void {
    this.tab = tab;
    this.hold.held.clear();
  }

  private leaveEmpty(): void {
    if (this.tab === 'all') void this.inbox.store?.refresh();
    else this.choose('all');
  }

  private arrive(entry: Notification): void {
    this.hold.arrival(entry.id);
    this.announcer.arrival(entry);
    this.dispatchEvent(new CustomEvent('notification', { detail: entry, bubbles: true, composed: true }));
  }

  private notify(text: string, undo: (() => void) | null = null): void {
    this.toast.show(text, undo);
    this.announcer.say(text);
  }
}
