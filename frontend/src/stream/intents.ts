import type { Notification } from '../api/types';
import { isUnread, isUnseen, upsert, type InboxState } from './inbox-state';

/** What the person asked for, before the server has answered. */
export type Intent =
  | { kind: 'read' | 'unread' | 'dismiss' | 'restore'; id: string }
  | { kind: 'snooze'; id: string; until: string }
  | { kind: 'read_all' }
  | { kind: 'seen_all' };

/**
 * The inbox as if the intent had succeeded. It is laid over the known state, never written into it, so that a
 * failure is undone by leaving it out, and one that the stream has already confirmed changes nothing.
 */
export function applyIntent(state: InboxState, intent: Intent, now = new Date()): InboxState {
  if (intent.kind === 'read_all') return readAll(state, now);
  if (intent.kind === 'seen_all') return seenAll(state);
  const entry = state.entries.get(intent.id);
  return entry ? replaceEntry(state, changed(entry, intent, now)) : state;
}

/** Replaces a held entry and moves the counters by what that changes. */
export function replaceEntry(state: InboxState, entry: Notification): InboxState {
  const before = state.entries.get(entry.id);
  if (!before) return upsert(state, entry);
  return {
    ...upsert(state, entry),
    unreadCount: Math.max(0, state.unreadCount + Number(isUnread(entry)) - Number(isUnread(before))),
    unseenCount: Math.max(0, state.unseenCount + Number(isUnseen(entry)) - Number(isUnseen(before))),
  };
}

function changed(entry: Notification, intent: Exclude<Intent, { kind: 'read_all' | 'seen_all' }>, now: Date): Notification {
  switch (intent.kind) {
    case 'read':
      return { ...entry, is_read: true, is_seen: true, read_at: entry.read_at ?? now.toISOString() };
    case 'unread':
      return { ...entry, is_read: false, read_at: null };
    case 'dismiss':
      return { ...entry, is_dismissed: true, dismissed_at: entry.dismissed_at ?? now.toISOString() };
    case 'restore':
      return { ...entry, is_dismissed: false, dismissed_at: null };
    case 'snooze':
      return { ...entry, snoozed_until: intent.until };
  }
}

function readAll(state: InboxState, now: Date): InboxState {
  const read = { is_read: true, is_seen: true, read_at: now.toISOString() };
  const entries = mapEntries(state, (entry) => (isUnread(entry) ? { ...entry, ...read } : entry));
  return { ...state, entries, unreadCount: 0, unseenCount: 0 };
}

function seenAll(state: InboxState): InboxState {
  const entries = mapEntries(state, (entry) => (isUnseen(entry) ? { ...entry, is_seen: true } : entry));
  return { ...state, entries, unseenCount: 0 };
}

function mapEntries(state: InboxState, change: (entry: Notification) => Notification): InboxState['entries'] {
  return new Map([...state.entries].map(([id, entry]) => [id, change(entry)]));
}
