import { expect, test } from 'vitest';
import { neighbour } from './tabs';

const tabs = ['html', 'text', 'headers'] as const;

test.each([
  ['html', 'ArrowRight', false, 'text'],
  ['html', 'ArrowLeft', false, 'headers'],
  ['headers', 'ArrowRight', false, 'html'],
  ['html', 'ArrowRight', true, 'headers'],
  ['html', 'ArrowLeft', true, 'text'],
  ['text', 'Home', false, 'html'],
  ['text', 'End', false, 'headers'],
  ['text', 'Enter', false, null],
] as const)('from %s, %s (right to left: %s) leads to %s', (selected, key, isRtl, next) => {
  expect(neighbour(tabs, selected, key, isRtl)).toBe(next);
});
