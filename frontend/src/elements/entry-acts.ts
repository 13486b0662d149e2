import type { Notification } from '../api/types';
import type { EntryAct } from './entry';
import type { EntryPlace } from './entry-place';
import { momentTime } from './relative-time';
import { safeLink } from './safe-link';
import type { InboxHost, StoreController } from './store-controller';

/** What a person does with one entry, by button or by key. */
export class EntryActs {
  /** The entry whose snooze menu is open. */
  menuFor: string | null = null;

  constructor(
    private readonly host: InboxHost,
    private readonly inbox: StoreController,
    private readonly place: EntryPlace,
    private readonly notify: (text: string, undo?: () => void) => void,
  ) {}

  act(act: EntryAct, entry: Notification, event?: Event): void {
    switch (act) {
      case 'open':
      case 'action':
        return this.follow(act, entry, event);
      case 'toggle_read':
        return this.perform(entry.is_read ? 'unread' : 'read', entry);
      case 'restore':
        return this.perform('restore', entry);
      case 'dismiss':
        return this.dismiss(entry);
      case 'snooze':
        this.menuFor = this.menuFor === entry.id || entry.is_dismissed ? null : entry.id;
        this.host.requestUpdate();
    }
  }

  /** Ends the choice of a moment; null when none was chosen. */
  snooze(entry: Notification, until: string | null): void {
    this.menuFor = null;
    this.host.requestUpdate();
    this.place.focus();
    if (until === null) return;
    const { t, store } = this.inbox;
    void store?.perform({ kind: 'snooze', id: entry.id, until });
    this.notify(t('snoozed', { time: momentTime(until, t.tag) }));
  }

  private dismiss(entry: Notification): void {
    if (entry.is_dismissed) return;
    this.perform('dismiss', entry);
    this.notify(this.inbox.t('dismissed'), () => this.perform('restore', entry));
  }

  /** Following marks as read. The host page may cancel the event and go there its own way. */
  private follow(act: 'open' | 'action', entry: Notification, event?: Event): void {
    if (!entry.is_read) this.perform('read', entry);
    const told = new CustomEvent(act, { detail: entry, bubbles: true, composed: true, cancelable: true });
    const goes = this.host.dispatchEvent(told);
    if (!goes) event?.preventDefault();
    // A pressed link goes by itself; a key has no link to follow.
    const href = safeLink(entry.action_url, this.inbox.store?.api.server ?? '');
    if (goes && !event && href) location.assign(href);
  }

  private perform(kind: 'read' | 'unread' | 'dismiss' | 'restore', entry: Notification): void {
    void this.inbox.store?.perform({ kind, id: entry.id });
  }
}
