import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Poll } from './poll';

let times = 0;
let finish: (() => void) | null = null;
let poll: Poll;

const host: ReactiveControllerHost = {
  addController: (_controller: ReactiveController) => undefined,
  removeController: () => undefined,
  requestUpdate: () => undefined,
  updateComplete: Promise.resolve(true),
};

/** Let everything happen that needs no time. */
const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
  times = 0;
  finish = null;
  poll = new Poll(host, 5, async () => {
    times += 1;
    if (finish) await new Promise<void>((resolve) => (finish = resolve));
  });
});

afterEach(() => {
  poll.hostDisconnected();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test('it is done at once and then every so often', async () => {
  poll.hostConnected();
  await settle();
  expect(times).toBe(1);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(times).toBe(3);
});

test('a slow answer is awaited before the next question', async () => {
  finish = () => undefined;
  poll.hostConnected();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(times).toBe(1);
  finish();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(times).toBe(2);
});

test('nothing is asked while nobody looks, and at once when somebody does', async () => {
  const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
  poll.hostConnected();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(times).toBe(0);
  hidden.mockReturnValue(false);
  document.dispatchEvent(new Event('visibilitychange'));
  await settle();
  expect(times).toBe(1);
});

test('back on the network it is done at once', async () => {
  poll.hostConnected();
  await settle();
  window.dispatchEvent(new Event('online'));
  await settle();
  expect(times).toBe(2);
});

test('back on the network while an answer is on its way, it is asked again after that', async () => {
  finish = () => undefined;
  poll.hostConnected();
  await settle();
  window.dispatchEvent(new Event('online'));
  window.dispatchEvent(new Event('online'));
  const [first] = [finish];
  finish = null;
  first();
  await settle();
  expect(times).toBe(2);
});

test('a page that is gone asks no more', async () => {
  poll.hostConnected();
  await settle();
  poll.hostDisconnected();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(times).toBe(1);
});
