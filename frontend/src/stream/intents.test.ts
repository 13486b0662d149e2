import { expect, test } from 'vitest';
import { notification } from '../testing';
import { applyFirstPage, emptyInbox } from './inbox-state';
import { applyIntent, replaceEntry } from './intents';

const unread = notification();
const read = notification({ is_read: true, is_seen: true, read_at: '2026-01-01T00:00:00Z' });
const page = { notifications: [unread, read], total: 2, has_more: true, next_cursor: 'more', cursor: '1.2.0' };
const inbox = applyFirstPage(emptyInbox, 'all', { ...page, unread_count: 5, unseen_count: 3 });

test('reading lowers both counters', () => {
  const { unreadCount, unseenCount } = applyIntent(inbox, { kind: 'read', id: unread.id });
  expect([unreadCount, unseenCount]).toEqual([4, 2]);
});

test('reading what is read keeps the time and the counters', () => {
  const state = applyIntent(inbox, { kind: 'read', id: read.id });
  expect([state.entries.get(read.id)?.read_at, state.unreadCount]).toEqual(['2026-01-01T00:00:00Z', 5]);
});

test('an intent that the stream has confirmed changes nothing more', () => {
  const confirmed = replaceEntry(inbox, { ...unread, is_read: true, is_seen: true });
  expect(applyIntent(confirmed, { kind: 'read', id: unread.id }).unreadCount).toBe(4);
});

test('marking as unread raises the unread counter alone', () => {
  const { unreadCount, unseenCount } = applyIntent(inbox, { kind: 'unread', id: read.id });
  expect([unreadCount, unseenCount]).toEqual([6, 3]);
});

test('dismissing something unread lowers the counter', () => {
  expect(applyIntent(inbox, { kind: 'dismiss', id: unread.id }).unreadCount).toBe(4);
});

test('restoring takes the dismissal back', () => {
  const dismissed = applyIntent(inbox, { kind: 'dismiss', id: unread.id });
  expect(applyIntent(dismissed, { kind: 'restore', id: unread.id }).unreadCount).toBe(5);
});

test('snoozing something unread lowers the counter', () => {
  expect(applyIntent(inbox, { kind: 'snooze', id: unread.id, until: '2999-01-01T00:00:00Z' }).unreadCount).toBe(4);
});

test('reading all clears the counters, also of what is not loaded', () => {
  const state = applyIntent(inbox, { kind: 'read_all' });
  expect([state.unreadCount, state.unseenCount, state.entries.get(unread.id)?.is_read]).toEqual([0, 0, true]);
});

test('seeing all leaves everything unread', () => {
  const state = applyIntent(inbox, { kind: 'seen_all' });
  expect([state.unreadCount, state.unseenCount, state.entries.get(unread.id)?.is_read]).toEqual([5, 0, false]);
});

test('an intent about something unknown changes nothing', () => {
  expect(applyIntent(inbox, { kind: 'read', id: 'nobody' })).toBe(inbox);
});
