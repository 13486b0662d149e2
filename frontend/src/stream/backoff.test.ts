import { expect, test } from 'vitest';
import { afterGoodbye, backoff, mayReconnect } from './backoff';

const most = () => 1;

test('the first delay is at most one second', () => {
  expect(backoff(0, most)).toBe(1_000);
});

test('the bound doubles with each attempt', () => {
  expect([1, 2, 3].map((attempt) => backoff(attempt, most))).toEqual([2_000, 4_000, 8_000]);
});

test('no delay is longer than thirty seconds', () => {
  expect(backoff(20, most)).toBe(30_000);
});

test('full jitter reaches down to no delay', () => {
  expect(backoff(5, () => 0)).toBe(0);
});

test('after a goodbye the delay lies around the one the server named', () => {
  expect([afterGoodbye(4_000, () => 0), afterGoodbye(4_000, most)]).toEqual([2_000, 6_000]);
});

test('abnormal closes and codes below 4500 reconnect', () => {
  expect([1006, 1012, 4005, 4029, 4499].every(mayReconnect)).toBe(true);
});

test('codes from 4500 on stop', () => {
  expect([4500, 4503, 4504, 4513].some(mayReconnect)).toBe(false);
});
