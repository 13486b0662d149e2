import { expect, test } from 'vitest';
import { CENTRED, MOST_ZOOM, pulled, squareOf } from './crop';

const LANDSCAPE = { width: 400, height: 200 };

test('at first it is the largest square in the middle', () => {
  expect(squareOf(LANDSCAPE, CENTRED)).toEqual({ left: 100, top: 0, side: 200 });
  expect(squareOf({ width: 200, height: 400 }, CENTRED)).toEqual({ left: 0, top: 100, side: 200 });
});

test('however it is moved and magnified, it stays inside of the picture', () => {
  for (const zoom of [1, 1.7, MOST_ZOOM]) {
    for (const at of [0, 0.3, 1]) {
      const { left, top, side } = squareOf(LANDSCAPE, { zoom, across: at, down: at });
      expect(Math.min(left, top)).toBeGreaterThanOrEqual(0);
      expect(left + side).toBeLessThanOrEqual(400);
      expect(top + side).toBeLessThanOrEqual(200);
    }
  }
});

test('what lies under the finger stays under it', () => {
  const before = squareOf(LANDSCAPE, CENTRED);
  const after = squareOf(LANDSCAPE, pulled(LANDSCAPE, CENTRED, { x: 25, y: 0 }, 100));
  expect(after.left).toBeCloseTo(before.left - 50); // A quarter of the view is a quarter of the square.
});

test('pulled beyond the edge it stops there, and where there is no room it does not move', () => {
  expect(pulled(LANDSCAPE, CENTRED, { x: 9_999, y: 9_999 }, 100)).toEqual({ zoom: 1, across: 0, down: 0.5 });
  expect(pulled(LANDSCAPE, CENTRED, { x: -9_999, y: 0 }, 100).across).toBe(1);
});
