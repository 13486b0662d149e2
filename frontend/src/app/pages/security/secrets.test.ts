import { expect, test } from 'vitest';
import { fileOf, inGroups, pictureOf } from './secrets';

test('a QR code becomes a picture that stands alone', () => {
  const address = pictureOf('<svg viewBox="0 0 9 9"><path d="M0 0h9"/></svg>');
  expect(decodeURIComponent(address)).toBe(
    'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9"/></svg>',
  );
});

test('one that names its language already is not told twice', () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"></svg>';
  expect(decodeURIComponent(pictureOf(svg))).toBe(`data:image/svg+xml,${svg}`);
});

test('a secret is read in fours', () => {
  expect(inGroups('ABCDEFGHIJ')).toBe('ABCD EFGH IJ');
});

test('codes are kept one a line, under a title', async () => {
  expect(await fileOf(['AAAA-BBBB', 'CCCC-DDDD'], 'Recovery codes').text()).toBe('Recovery codes\n\nAAAA-BBBB\nCCCC-DDDD\n');
});
