import { expect, test } from 'vitest';
import type { Notification, NotificationPage } from '../api/types';
import { notification } from '../testing';
import type { InboxFrame } from './frames';
import {
  applyChanges, applyFirstPage, applyFrame, applyNextPage, emptyInbox, isBehind, visibleEntries, type InboxState, type Tab,
} from './inbox-state';

const older = notification({ title: 'Older', is_read: true, is_seen: true });
const newer = notification({ title: 'Newer' });

function page(notifications: Notification[], overrides: Partial<NotificationPage> = {}): NotificationPage {
  const counts = { unread_count: 1, unseen_count: 1 };
  return { notifications, total: 2, ...counts, has_more: false, next_cursor: null, cursor: '1.10.0', ...overrides };
}

const inbox = applyFirstPage(emptyInbox, 'all', page([newer, older]));

const at = { cursor: '1.11.0', unread_count: 2, unseen_count: 2 };
const arrived = (data: Notification): InboxFrame => ({ type: 'notification', event: 'new_notification', data, ...at });
const updated = (data: Notification): InboxFrame => ({ type: 'notification', event: 'updated', data, ...at });
const deleted = (id: string): InboxFrame => ({ type: 'notification', event: 'deleted', data: { id }, ...at });
const allRead = (notification_type: string | null): InboxFrame => {
  const data = { notification_type, read_at: '2026-02-01T00:00:00Z', affected_count: 1 };
  return { type: 'notification', event: 'all_read', data, ...at, unread_count: 0 };
};
const titles = (state: InboxState, tab: Tab = 'all') => visibleEntries(state, tab)?.map(({ title }) => title);

test('a tab has no list before its first page', () => {
  expect(titles(emptyInbox)).toBeUndefined();
});

test('the first page gives the list, the counters and the place in the stream', () => {
  expect([titles(inbox), inbox.unreadCount, inbox.cursor]).toEqual([['Newer', 'Older'], 1, '1.10.0']);
});

test('the first page of a second tab leaves the place in the stream alone', () => {
  expect(applyFirstPage(inbox, 'unread', page([newer], { cursor: '1.99.0' })).cursor).toBe('1.10.0');
});

test('a new notification stands on top', () => {
  expect(titles(applyFrame(inbox, arrived(notification({ title: 'Third' }))))).toEqual(['Third', 'Newer', 'Older']);
});

test('a change moves the cursor and sets the counters', () => {
  const state = applyFrame(inbox, arrived(notification()));
  expect([state.cursor, state.unreadCount, state.unseenCount]).toEqual(['1.11.0', 2, 2]);
});

test('hearing of the same notification twice shows it once', () => {
  const frame = arrived(notification({ title: 'Third' }));
  expect(titles(applyFrame(applyFrame(inbox, frame), frame))).toEqual(['Third', 'Newer', 'Older']);
});

test('a notification that became new again goes back to the top', () => {
  const resurfaced = { ...older, title: 'Older, again', is_read: false, revision: 50 };
  expect(titles(applyFrame(inbox, arrived(resurfaced)))).toEqual(['Older, again', 'Newer']);
});

test('an update keeps its place', () => {
  expect(titles(applyFrame(inbox, updated({ ...older, title: 'Older, edited' })))).toEqual(['Newer', 'Older, edited']);
});

test('a dismissed notification leaves the list', () => {
  expect(titles(applyFrame(inbox, updated({ ...newer, is_dismissed: true })))).toEqual(['Older']);
});

test('a snoozed notification leaves the list', () => {
  expect(titles(applyFrame(inbox, updated({ ...newer, snoozed_until: '2999-01-01T00:00:00Z' })))).toEqual(['Older']);
});

test('a snooze that has ended hides nothing', () => {
  expect(titles(applyFrame(inbox, updated({ ...newer, snoozed_until: '2020-01-01T00:00:00Z' })))).toEqual(['Newer', 'Older']);
});

test('a read notification leaves the unread tab', () => {
  const unread = applyFirstPage(inbox, 'unread', page([newer]));
  expect(titles(applyFrame(unread, updated({ ...newer, is_read: true })), 'unread')).toEqual([]);
});

test('a dismissed notification enters the dismissed tab', () => {
  const dismissed = applyFirstPage(inbox, 'dismissed', page([]));
  expect(titles(applyFrame(dismissed, updated({ ...newer, is_dismissed: true })), 'dismissed')).toEqual(['Newer']);
});

test('an update about something older than all that is loaded waits for its page', () => {
  const more = applyFirstPage(emptyInbox, 'all', page([newer], { next_cursor: 'next' }));
  expect(titles(applyFrame(more, updated(older)))).toEqual(['Newer']);
});

test('a deleted notification is gone', () => {
  expect(titles(applyFrame(inbox, deleted(newer.id)))).toEqual(['Older']);
});

test('deleting something unknown changes nothing in the list', () => {
  expect(titles(applyFrame(inbox, deleted('nobody')))).toEqual(['Newer', 'Older']);
});

test('all read marks every unread entry', () => {
  expect(applyFrame(inbox, allRead(null)).entries.get(newer.id)?.read_at).toBe('2026-02-01T00:00:00Z');
});

test('all read of another type leaves this one unread', () => {
  expect(applyFrame(inbox, allRead('system')).entries.get(newer.id)?.is_read).toBe(false);
});

test('all read does not touch dismissed entries', () => {
  const dismissed = applyFrame(inbox, updated({ ...newer, is_dismissed: true }));
  expect(applyFrame(dismissed, allRead(null)).entries.get(newer.id)?.is_read).toBe(false);
});

test('an announcement stands on top like any other', () => {
  const data = notification({ title: 'Maintenance tonight' });
  const state = applyFrame(inbox, { type: 'announcement', event: 'new_announcement', data, ...at });
  expect(titles(state)?.[0]).toBe('Maintenance tonight');
});

test('a heartbeat sets the counters it carries and keeps the others', () => {
  const state = applyFrame(inbox, { type: 'ping', cursor: '1.10.0', unread_count: 7 });
  expect([state.unreadCount, state.unseenCount, state.cursor]).toEqual([7, 1, '1.10.0']);
});

test('a heartbeat from further on tells that something was missed', () => {
  const ping: InboxFrame = { type: 'ping', cursor: '1.12.0', unread_count: 7 };
  expect([isBehind(inbox, ping), applyFrame(inbox, ping).cursor]).toEqual([true, '1.10.0']);
});

test('a heartbeat from where we stand tells that nothing was missed', () => {
  expect(isBehind(inbox, { type: 'ping', cursor: '1.10.0', unread_count: 1 })).toBe(false);
});

test('a later page is appended without repeating what is there', () => {
  const oldest = notification({ title: 'Oldest', created_at: '2020-01-01T00:00:00Z' });
  expect(titles(applyNextPage(inbox, 'all', page([older, oldest])))).toEqual(['Newer', 'Older', 'Oldest']);
});

test('a later page does not overwrite what a frame has brought meanwhile', () => {
  const edited = applyFrame(inbox, updated({ ...older, title: 'Older, edited' }));
  expect(titles(applyNextPage(edited, 'all', page([older])))).toEqual(['Newer', 'Older, edited']);
});

test('catching up applies changes, deletions, counters and the cursor', () => {
  const changes = [notification({ title: 'Missed' })];
  const rest = { cursor: '1.20.0', has_more: false, reset: false, unread_count: 1, unseen_count: 1 };
  const state = applyChanges(inbox, { changes, deleted: [older.id], ...rest });
  expect([titles(state), state.cursor, state.unreadCount]).toEqual([['Missed', 'Newer'], '1.20.0', 1]);
});
