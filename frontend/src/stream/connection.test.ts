import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FakeWebSocket } from '../testing';
import { Connection, type ConnectionState } from './connection';
import type { Frame } from './frames';

const connected = { type: 'connected', cursor: '1.5.0', unread_count: 0, unseen_count: 0, heartbeat_s: 30 };
const ping = { type: 'ping', cursor: '1.5.0', unread_count: 0 };

let frames: Frame[];
let states: ConnectionState[];
let since: string;
let connection: Connection;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', FakeWebSocket);
  FakeWebSocket.opened = [];
  frames = [];
  states = [];
  since = '1.5.0';
  connection = new Connection({
    url: () => `wss://tidings.example/ws?since=${since}`,
    onFrame: (frame) => frames.push(frame),
    onState: (state) => states.push(state),
    random: () => 1,
  });
  connection.open();
});

afterEach(() => {
  connection.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('it is live once the server has said so', () => {
  FakeWebSocket.last.says(connected);
  expect(states).toEqual(['connecting', 'live']);
});

test('every frame is passed on in order', () => {
  FakeWebSocket.last.says(connected);
  FakeWebSocket.last.says(ping);
  expect(frames.map(({ type }) => type)).toEqual(['connected', 'ping']);
});

test('a message that is not a frame is ignored', () => {
  FakeWebSocket.last.onmessage?.({ data: 'hello' });
  expect(frames).toEqual([]);
});

test('a ping is answered with a pong', () => {
  FakeWebSocket.last.says(connected);
  FakeWebSocket.last.says(ping);
  expect(FakeWebSocket.last.sent).toEqual([{ type: 'pong' }]);
});

test('a broken connection comes back after the delay', () => {
  FakeWebSocket.last.hangsUp(1006);
  vi.advanceTimersByTime(999);
  expect(FakeWebSocket.opened).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(FakeWebSocket.opened).toHaveLength(2);
});

test('coming back resumes where the inbox stands by then', () => {
  FakeWebSocket.last.says(connected);
  since = '1.9.0';
  FakeWebSocket.last.hangsUp(4008);
  vi.advanceTimersByTime(1_000);
  expect(FakeWebSocket.last.url).toContain('since=1.9.0');
});

test('delays grow while the server does not last a heartbeat', () => {
  for (const delay of [1_000, 2_000, 4_000]) {
    FakeWebSocket.last.says(connected);
    FakeWebSocket.last.hangsUp(1006);
    vi.advanceTimersByTime(delay);
  }
  expect(FakeWebSocket.opened).toHaveLength(4);
});

test('a heartbeat makes the next delay short again', () => {
  FakeWebSocket.last.hangsUp(1006);
  vi.advanceTimersByTime(1_000);
  FakeWebSocket.last.says(connected);
  FakeWebSocket.last.says(ping);
  FakeWebSocket.last.hangsUp(1006);
  vi.advanceTimersByTime(1_000);
  expect(FakeWebSocket.opened).toHaveLength(3);
});

test('a goodbye decides the delay', () => {
  FakeWebSocket.last.says(connected);
  FakeWebSocket.last.says({ type: 'goodbye', retry_ms: 4_000 });
  FakeWebSocket.last.hangsUp(1012);
  vi.advanceTimersByTime(5_999);
  expect(FakeWebSocket.opened).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(FakeWebSocket.opened).toHaveLength(2);
});

test('a refusal ends it', () => {
  FakeWebSocket.last.hangsUp(4500);
  vi.advanceTimersByTime(600_000);
  expect([states.at(-1), FakeWebSocket.opened.length]).toEqual(['stopped', 1]);
});

test('silence for two heartbeats counts as broken', () => {
  FakeWebSocket.last.says({ ...connected, heartbeat_s: 10 });
  vi.advanceTimersByTime(19_999);
  expect(states.at(-1)).toBe('live');
  vi.advanceTimersByTime(1);
  expect(states.at(-1)).toBe('waiting');
});

test('a server that never greets is given up after a while', () => {
  vi.advanceTimersByTime(15_000);
  expect(states.at(-1)).toBe('waiting');
});

test('what a lost connection still says is not heard', () => {
  const lost = FakeWebSocket.last;
  lost.says(connected);
  vi.advanceTimersByTime(60_000);
  lost.says(ping);
  expect(frames.map(({ type }) => type)).toEqual(['connected']);
});

test('opening during the wait connects at once', () => {
  FakeWebSocket.last.hangsUp(1006);
  connection.open();
  expect(FakeWebSocket.opened).toHaveLength(2);
});

test('closing means staying closed', () => {
  connection.close();
  vi.advanceTimersByTime(600_000);
  expect([states.at(-1), FakeWebSocket.opened.length]).toEqual(['idle', 1]);
});
