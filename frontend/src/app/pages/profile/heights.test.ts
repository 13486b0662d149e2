import { expect, test } from 'vitest';
import { toCentimetres, toFeet, writeHeight } from './heights';

test.each([
  [170, { feet: 5, inches: 7 }],
  [183, { feet: 6, inches: 0 }],
  [300, { feet: 9, inches: 10 }],
  [1, { feet: 0, inches: 0 }],
])('%d cm are %j', (centimetres, feet) => {
  expect(toFeet(centimetres)).toEqual(feet);
});

test('every height in feet and inches stays the same on the way to the server and back', () => {
  for (let total = 1; total <= 118; total += 1) {
    const height = { feet: Math.floor(total / 12), inches: total % 12 };
    expect(toFeet(toCentimetres(height))).toEqual(height);
  }
});

test('a height is written as its reader writes it', () => {
  expect(writeHeight(170, 'metric', 'en-US')).toBe('170 cm');
  expect(writeHeight(170, 'imperial', 'en-US')).toBe('5 ft, 7 in');
  expect(writeHeight(183, 'imperial', 'de')).toBe('6 ft');
});
