import { expect, test } from 'vitest';
import { lastBirthdate } from './birthdates';

test('a day can be chosen as soon as it has begun anywhere', () => {
  expect(lastBirthdate(new Date('2026-03-02T09:59:59Z'))).toBe('2026-03-02');
  expect(lastBirthdate(new Date('2026-03-02T10:00:00Z'))).toBe('2026-03-03');
});
