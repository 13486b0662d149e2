import { expect, test } from 'vitest';
import { dayTime, exactTime, nearTime } from './moments';

const now = new Date('2026-03-02T09:30:00Z');

test.each([
  ['2026-03-02T09:29:15Z', '45 seconds ago'],
  ['2026-03-02T09:30:00Z', 'now'],
  ['2026-03-02T09:28:31Z', '1 minute ago'],
  ['2026-03-02T07:00:00Z', '2 hours ago'],
  ['2026-03-02T10:45:00Z', 'in 1 hour'],
  ['2026-03-03T09:30:00Z', 'tomorrow'],
])('%s is %s', (moment, words) => {
  expect(nearTime(moment, 'en-US', now)).toBe(words);
});

test.each([
  ['2026-03-02T09:29:15Z', 'now'],
  ['2026-03-02T09:30:45Z', 'now'],
  ['2026-03-02T09:28:59Z', '1 minute ago'],
])('where seconds do not matter, %s is %s', (moment, words) => {
  expect(nearTime(moment, 'en-US', now, 'minute')).toBe(words);
});

test('what is long ago or far ahead has its date, without seconds', () => {
  for (const moment of ['2026-02-01T09:30:17Z', '2026-04-01T09:30:17Z']) {
    expect(nearTime(moment, 'de', now)).toBe(dayTime(moment, 'de'));
    expect(dayTime(moment, 'de')).toMatch(/\d\d:30$/);
  }
});

test('the exact time has the weekday and the seconds', () => {
  expect(exactTime('2026-02-01T09:30:17Z', 'en-GB')).toMatch(/^Sunday.*:30:17 /);
});
