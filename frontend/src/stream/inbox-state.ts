import type { Changes, Counts, Notification, NotificationPage } from '../api/types';
import type { AllReadFrame, InboxFrame } from './frames';

export const TABS = ['all', 'unread', 'dismissed'] as const;
export type Tab = (typeof TABS)[number];

/** One tab's order, newest first. `nextCursor` is null at the end. */
export interface Listing {
  readonly ids: readonly string[];
  readonly nextCursor: string | null;
}

/** What this device knows of one inbox. */
export interface InboxState {
  readonly entries: ReadonlyMap<string, Notification>;
  readonly listings: Readonly<Partial<Record<Tab, Listing>>>;
  readonly unreadCount: number;
  readonly unseenCount: number;
  /** Position in the stream; null before the first page. */
  readonly cursor: string | null;
}

export const emptyInbox: InboxState = {
  entries: new Map(),
  listings: {},
  unreadCount: 0,
  unseenCount: 0,
  cursor: null,
};

export function isSnoozed(entry: Notification, now = Date.now()): boolean {
  return entry.snoozed_until !== null && Date.parse(entry.snoozed_until) > now;
}

export function isUnread(entry: Notification): boolean {
  return !entry.is_read && !entry.is_dismissed && !isSnoozed(entry);
}

export function isUnseen(entry: Notification): boolean {
  return isUnread(entry) && !entry.is_seen;
}

export function belongsTo(tab: Tab, entry: Notification): boolean {
  if (tab === 'dismissed') return entry.is_dismissed;
  if (entry.is_dismissed || isSnoozed(entry)) return false;
  return tab === 'all' || !entry.is_read;
}

/** What a tab shows; undefined until its first page is there. */
export function visibleEntries(state: InboxState, tab: Tab): Notification[] | undefined {
  return state.listings[tab]?.ids
    .map((id) => state.entries.get(id))
    .filter((entry) => entry !== undefined)
    .filter((entry) => belongsTo(tab, entry));
}

/** The inbox after one frame. Applying a frame twice changes nothing more. */
export function applyFrame(state: InboxState, frame: InboxFrame): InboxState {
  // Only a change moves the position: a greeting or a heartbeat ahead of it tells of a gap (`isBehind`).
  const isChange = frame.type === 'notification' || frame.type === 'announcement';
  const cursor = isChange ? frame.cursor : state.cursor;
  return withCounts({ ...withEntries(state, frame), cursor }, frame);
}

/** True when the stream stands elsewhere than we do, so something was missed. */
export function isBehind(state: InboxState, frame: InboxFrame): boolean {
  const isPosition = frame.type === 'connected' || frame.type === 'ping';
  return isPosition && state.cursor !== null && frame.cursor !== state.cursor;
}

function withEntries(state: InboxState, frame: InboxFrame): InboxState {
  if (frame.type === 'announcement') return surface(state, frame.data);
  if (frame.type !== 'notification') return state;
  switch (frame.event) {
    case 'new_notification':
      return surface(state, frame.data);
    case 'updated':
      return upsert(state, frame.data);
    case 'deleted':
      return remove(state, frame.data.id);
    case 'all_read':
      return markAllRead(state, frame.data);
    default:
      return state;
  }
}

/** The first page of a tab replaces its order; the entries it brings are the newest truth. */
export function applyFirstPage(state: InboxState, tab: Tab, page: NotificationPage): InboxState {
  const entries = new Map(state.entries);
  for (const entry of page.notifications) entries.set(entry.id, entry);
  const listing: Listing = { ids: page.notifications.map((entry) => entry.id), nextCursor: page.next_cursor };
  const cursor = state.cursor ?? page.cursor;
  return withCounts({ ...state, entries, cursor, listings: { ...state.listings, [tab]: listing } }, page);
}

/** A later page is appended. A frame may have overtaken it, so what is already held stays. */
export function applyNextPage(state: InboxState, tab: Tab, page: NotificationPage): InboxState {
  const entries = new Map(state.entries);
  for (const entry of page.notifications) if (!entries.has(entry.id)) entries.set(entry.id, entry);
  const held = state.listings[tab]?.ids ?? [];
  const known = new Set(held);
  const added = page.notifications.map((entry) => entry.id).filter((id) => !known.has(id));
  const listing: Listing = { ids: [...held, ...added], nextCursor: page.next_cursor };
  return { ...state, entries, listings: { ...state.listings, [tab]: listing } };
}

/** What was missed, read over plain HTTP. */
export function applyChanges(state: InboxState, changes: Changes): InboxState {
  let next = state;
  for (const entry of changes.changes) next = upsert(next, entry);
  for (const id of changes.deleted) next = remove(next, id);
  return withCounts({ ...next, cursor: changes.cursor }, changes);
}

/** Replaces an entry; one that was not held takes its place by age where the order is known. */
export function upsert(state: InboxState, entry: Notification): InboxState {
  const entries = new Map(state.entries).set(entry.id, entry);
  return { ...state, entries, listings: mapListings(state, (listing) => place(listing, entry, entries)) };
}

export function withCounts(state: InboxState, counts: Partial<Counts>): InboxState {
  return {
    ...state,
    unreadCount: counts.unread_count ?? state.unreadCount,
    unseenCount: counts.unseen_count ?? state.unseenCount,
  };
}

/** Puts an entry on top: it is new, or has become new again. */
function surface(state: InboxState, entry: Notification): InboxState {
  if (state.entries.get(entry.id)?.revision === entry.revision) return state;
  const entries = new Map(state.entries).set(entry.id, entry);
  const toTop = (listing: Listing) => ({ ...listing, ids: [entry.id, ...listing.ids.filter((id) => id !== entry.id)] });
  return { ...state, entries, listings: mapListings(state, toTop) };
}

function remove(state: InboxState, id: string): InboxState {
  const entries = new Map(state.entries);
  if (!entries.delete(id)) return state;
  const without = (listing: Listing) => ({ ...listing, ids: listing.ids.filter((held) => held !== id) });
  return { ...state, entries, listings: mapListings(state, without) };
}

function markAllRead(state: InboxState, { notification_type, read_at }: AllReadFrame['data']): InboxState {
  const entries = new Map(state.entries);
  for (const [id, entry] of entries) {
    const isMeant = notification_type === null || entry.type === notification_type;
    if (isMeant && isUnread(entry)) entries.set(id, { ...entry, is_read: true, is_seen: true, read_at });
  }
  return { ...state, entries };
}

function place(listing: Listing, entry: Notification, entries: ReadonlyMap<string, Notification>): Listing {
  if (listing.ids.includes(entry.id)) return listing;
  const older = listing.ids.findIndex((id) => (entries.get(id)?.created_at ?? '') < entry.created_at);
  // Older than all that is loaded: it comes with a later page, unless there is none.
  if (older === -1 && listing.nextCursor !== null) return listing;
  const at = older === -1 ? listing.ids.length : older;
  return { ...listing, ids: [...listing.ids.slice(0, at), entry.id, ...listing.ids.slice(at)] };
}

function mapListings(state: InboxState, change: (listing: Listing) => Listing): InboxState['listings'] {
  const listings: Partial<Record<Tab, Listing>> = {};
  for (const tab of TABS) {
    const listing = state.listings[tab];
    if (listing) listings[tab] = change(listing);
  }
  return listings;
}
