import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Api } from '../api/client';
import type { Notification } from '../api/types';
import { FakeWebSocket, notification } from '../testing';
import { visibleEntries } from '../stream/inbox-state';
import { identify, subjectOf } from './identity';
import { InboxStore } from './inbox-store';

/** Answers by "METHOD /path"; what is missing is refused. */
let answers: Record<string, unknown>;
let asked: string[];
let entry: Notification;
let store: InboxStore;

const page = (notifications: Notification[], cursor: string) => ({
  notifications, total: null, unread_count: notifications.length, unseen_count: 0, has_more: false, next_cursor: null, cursor,
});
const titles = () => visibleEntries(store.view, 'all')?.map(({ title }) => title);
const connected = (cursor: string) => ({ type: 'connected', cursor, unread_count: 1, unseen_count: 0, heartbeat_s: 30 });

beforeEach(async () => {
  entry = notification({ title: 'First' });
  asked = [];
  answers = { 'GET /users/me': { id: 'ada', preferred_language: 'de' }, 'GET /notifications': page([entry], '1.1.0') };
  FakeWebSocket.opened = [];
  vi.stubGlobal('WebSocket', FakeWebSocket);
  vi.stubGlobal('BroadcastChannel', undefined);
  vi.stubGlobal('fetch', (url: URL, { method }: RequestInit) => {
    const question = `${method} ${url.pathname.replace('/api/v1', '')}`;
    asked.push(question + url.search);
    const answer = answers[question];
    if (answer === undefined) return Promise.resolve(new Response('{}', { status: 503 }));
    return Promise.resolve(new Response(JSON.stringify(answer)));
  });
  store = new InboxStore(new Api({ server: 'https://tidings.example' }));
  await store.start();
});

afterEach(() => {
  store.stop();
  vi.unstubAllGlobals();
});

test('the stream starts where the first page ends', () => {
  expect(FakeWebSocket.last.url).toBe('wss://tidings.example/api/v1/notifications/ws?since=1.1.0');
});

test('a dismissed entry is gone before the server answers', () => {
  answers[`POST /notifications/${entry.id}/dismiss`] = { ...entry, is_dismissed: true };
  void store.perform({ kind: 'dismiss', id: entry.id });
  expect(titles()).toEqual([]);
});

test('what the server refuses is taken back and told', async () => {
  const failures: Event[] = [];
  store.addEventListener('failure', (event) => failures.push(event));
  await store.perform({ kind: 'dismiss', id: entry.id });
  expect([titles(), failures.length]).toEqual([['First'], 1]);
});

test('what the server grants stays, with its counter', async () => {
  answers[`POST /notifications/${entry.id}/read`] = { ...entry, is_read: true, revision: 99 };
  await store.perform({ kind: 'read', id: entry.id });
  expect([store.view.entries.get(entry.id)?.is_read, store.view.unreadCount]).toEqual([true, 0]);
});

test('an answer that a frame has overtaken changes nothing', async () => {
  answers[`POST /notifications/${entry.id}/read`] = { ...entry, is_read: true, revision: 50 };
  const done = store.perform({ kind: 'read', id: entry.id });
  const data = { ...entry, title: 'Edited since', revision: 51 };
  const frame = { type: 'notification', event: 'updated', data, cursor: '1.51.0', unread_count: 1, unseen_count: 0 };
  FakeWebSocket.last.says(frame);
  await done;
  expect(titles()).toEqual(['Edited since']);
});

test('an arrival is told once', () => {
  const arrivals: Event[] = [];
  store.addEventListener('arrival', (event) => arrivals.push(event));
  const data = notification();
  const counts = { cursor: '1.2.0', unread_count: 2, unseen_count: 1 };
  for (let time = 0; time < 2; time++) {
    FakeWebSocket.last.says({ type: 'notification', event: 'new_notification', data, ...counts });
  }
  expect(arrivals).toHaveLength(1);
});

test('after a reset the first page is read again and the stream resumes from it', async () => {
  answers['GET /notifications'] = page([notification({ title: 'Restored' })], '2.7.0');
  FakeWebSocket.last.says(connected('1.1.0'));
  FakeWebSocket.last.says({ type: 'reset', reason: 'epoch_changed' });
  await vi.waitFor(() => expect(titles()).toEqual(['Restored']));
  expect(FakeWebSocket.last.sent).toContainEqual({ type: 'resume', since: '2.7.0' });
});

test('a frame that comes during the reset is applied to the new page', async () => {
  answers['GET /notifications'] = page([notification({ title: 'Restored' })], '2.7.0');
  FakeWebSocket.last.says({ type: 'reset', reason: 'gap' });
  const data = notification({ title: 'Meanwhile' });
  const counts = { cursor: '2.8.0', unread_count: 2, unseen_count: 1 };
  FakeWebSocket.last.says({ type: 'notification', event: 'new_notification', data, ...counts });
  await vi.waitFor(() => expect(titles()).toEqual(['Meanwhile', 'Restored']));
});

test('a heartbeat from further on makes it ask for what was missed', async () => {
  const missed = notification({ title: 'Missed' });
  const rest = { cursor: '1.2.0', has_more: false, reset: false, unread_count: 2, unseen_count: 1 };
  answers['GET /notifications/changes'] = { changes: [missed], deleted: [], ...rest };
  FakeWebSocket.last.says({ type: 'ping', cursor: '1.2.0', unread_count: 2 });
  await vi.waitFor(() => expect(titles()).toEqual(['Missed', 'First']));
  expect(asked).toContain('GET /notifications/changes?since=1.1.0&limit=500');
});

test('reading all stays after the changes it made have been read', async () => {
  const read = { ...entry, is_read: true, revision: 60 };
  const rest = { cursor: '1.60.0', has_more: false, reset: false, unread_count: 0, unseen_count: 0 };
  answers['POST /notifications/read-all'] = { success: true, affected_count: 1, message: '' };
  answers['GET /notifications/changes'] = { changes: [read], deleted: [], ...rest };
  await store.perform({ kind: 'read_all' });
  expect([store.view.unreadCount, store.view.entries.get(entry.id)?.is_read]).toEqual([0, true]);
});

test('a failed first page can be tried again', async () => {
  const second = new InboxStore(new Api({ server: 'https://tidings.example' }));
  delete answers['GET /notifications'];
  await second.start();
  expect(second.status.all).toBe('failed');
  answers['GET /notifications'] = page([entry], '1.1.0');
  await second.start();
  expect(second.status.all).toBe('ready');
  second.stop();
});

test('the subject of a recipient token tells people apart', () => {
  const token = `h.${btoa(JSON.stringify({ sub: 'user_7' }))}.s`;
  expect([subjectOf(token), subjectOf('opaque')]).toEqual(['user_7', null]);
});

test('a person with an access token is told apart by who they are', async () => {
  const identity = await identify(new Api({ server: 'https://tidings.example', token: 'tda_opaque' }));
  expect(identity.key).toBe('ada');
});
