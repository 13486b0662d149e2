import type { ReactiveController } from 'lit';
import type { Notification } from '../api/types';
import type { InboxHost } from './store-controller';

/** Where the keyboard stands in the list: one entry is in the tab order, and the arrows move it. */
export class EntryPlace implements ReactiveController {
  currentId: string | null = null;
  entries: Notification[] | undefined;
  private wantsFocus = false;

  constructor(private readonly host: InboxHost) {
    host.addController(this);
  }

  hostUpdated(): void {
    if (!this.wantsFocus) return;
    this.wantsFocus = false;
    this.focus();
  }

  get current(): Notification | undefined {
    return this.entries?.find(({ id }) => id === this.currentId);
  }

  /** Takes what is to be shown. When the current entry leaves, its neighbour takes the place and the focus. */
  show(entries: Notification[] | undefined): void {
    const before = this.entries?.findIndex(({ id }) => id === this.currentId) ?? -1;
    const isThere = entries?.some(({ id }) => id === this.currentId) ?? false;
    if (!isThere) {
      this.wantsFocus = before >= 0 && this.hasFocus;
      this.currentId = entries?.[Math.min(Math.max(0, before), entries.length - 1)]?.id ?? null;
    }
    this.entries = entries;
  }

  /** The first step enters the list where it stands, the next ones move. */
  step(by: 1 | -1): void {
    const entries = this.entries ?? [];
    const at = entries.findIndex(({ id }) => id === this.currentId);
    const to = this.hasFocus ? Math.min(entries.length - 1, Math.max(0, at + by)) : Math.max(0, at);
    this.currentId = entries[to]?.id ?? null;
    this.wantsFocus = true;
    this.host.requestUpdate();
  }

  /** Puts the focus on the current entry; on its tab when the list has none. */
  focus(): void {
    const root = this.host.shadowRoot;
    const article = root?.querySelector<HTMLElement>(`[data-id="${CSS.escape(this.currentId ?? '')}"]`);
    (article ?? root?.querySelector<HTMLElement>('[aria-selected=true]'))?.focus();
  }

  /** A click or a screen reader may put the focus anywhere: the place follows. */
  readonly follow = (event: FocusEvent): void => {
    const id = (event.target as Element).closest<HTMLElement>('.entry')?.dataset['id'];
    if (!id || id === this.currentId) return;
    this.currentId = id;
    this.host.requestUpdate();
  };

  private get hasFocus(): boolean {
    return Boolean(this.host.shadowRoot?.activeElement?.closest('.entry'));
  }
}
