import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FakeWebSocket } from '../testing';
import type { Frame } from './frames';
import { SharedStream } from './shared-stream';

/** The browser's locks and channels, for tabs that all live in this test. */
class Browser {
  private readonly waiting = new Map<string, (() => Promise<void>)[]>();
  private readonly holders = new Set<string>();
  static channels: Channel[] = [];

  request = (name: string, { signal }: { signal: AbortSignal }, hold: () => Promise<void>): Promise<void> =>
    new Promise((resolve, reject) => {
      const enter = async () => {
        if (signal.aborted) return this.next(name);
        this.holders.add(name);
        await hold();
        this.holders.delete(name);
        resolve();
        this.next(name);
      };
      signal.addEventListener('abort', () => !this.holders.has(name) && reject(new Error('aborted')));
      if (this.holders.has(name)) this.waiting.set(name, [...(this.waiting.get(name) ?? []), enter as () => Promise<void>]);
      else void enter();
    });

  private next(name: string): void {
    const [first, ...others] = this.waiting.get(name) ?? [];
    this.waiting.set(name, others);
    void first?.();
  }
}

class Channel {
  onmessage: ((event: { data: unknown }) => void) | null = null;

  constructor(readonly name: string) {
    Browser.channels.push(this);
  }

  postMessage(data: unknown): void {
    for (const other of Browser.channels) {
      if (other !== this && other.name === this.name) other.onmessage?.({ data });
    }
  }

  close(): void {
    Browser.channels = Browser.channels.filter((channel) => channel !== this);
  }
}

const ping = { type: 'ping', cursor: '1.1.0', unread_count: 0 };
let tabs: SharedStream[];

function openTab(name = 'ada'): { stream: SharedStream; heard: Frame[]; states: string[] } {
  const heard: Frame[] = [];
  const states: string[] = [];
  const url = () => `wss://tidings.example/${name}`;
  const stream = new SharedStream(name, { url, onFrame: (frame) => heard.push(frame), onState: (state) => states.push(state) });
  tabs.push(stream);
  stream.start();
  return { stream, heard, states };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

beforeEach(() => {
  tabs = [];
  FakeWebSocket.opened = [];
  Browser.channels = [];
  vi.stubGlobal('WebSocket', FakeWebSocket);
  vi.stubGlobal('BroadcastChannel', Channel);
  vi.stubGlobal('navigator', { locks: new Browser() });
});

afterEach(() => {
  for (const tab of tabs) tab.stop();
  vi.unstubAllGlobals();
});

test('two tabs of one person hold one connection', () => {
  openTab();
  openTab();
  expect(FakeWebSocket.opened).toHaveLength(1);
});

test('the tab without a connection hears every frame', () => {
  openTab();
  const { heard } = openTab();
  FakeWebSocket.last.says(ping);
  expect(heard).toEqual([ping]);
});

test('a tab that comes later learns the state of the connection', () => {
  openTab();
  expect(openTab().states).toEqual(['connecting']);
});

test('when the leading tab closes, the next one connects', async () => {
  const first = openTab();
  openTab();
  first.stream.stop();
  await settled();
  expect(FakeWebSocket.opened).toHaveLength(2);
});

test('a tab that sleeps lets another one lead and still hears it', async () => {
  const first = openTab();
  openTab();
  first.stream.pause();
  await settled();
  FakeWebSocket.last.says(ping);
  expect(first.heard).toEqual([ping]);
});

test('a tab that wakes up alone connects again', async () => {
  const { stream } = openTab();
  stream.pause();
  await settled();
  stream.start();
  expect(FakeWebSocket.opened).toHaveLength(2);
});

test('tabs of two people share nothing', () => {
  openTab('ada');
  const { heard } = openTab('grace');
  FakeWebSocket.opened[0]?.says(ping);
  expect([FakeWebSocket.opened.length, heard.length]).toEqual([2, 0]);
});

test('where the browser has no locks each tab connects', () => {
  vi.stubGlobal('navigator', {});
  openTab();
  openTab();
  expect(FakeWebSocket.opened).toHaveLength(2);
});

test('any tab can wake the connection', () => {
  openTab();
  const second = openTab();
  FakeWebSocket.last.hangsUp(4500);
  second.stream.wake();
  expect(FakeWebSocket.opened).toHaveLength(2);
});
