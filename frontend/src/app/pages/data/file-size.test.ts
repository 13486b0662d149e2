import { expect, test } from 'vitest';
import { fileSize } from './file-size';

test.each([
  [0, '0 byte'],
  [812, '812 byte'],
  [4_321, '4 kB'],
  [1_440_000, '1.4 MB'],
  [67_108_864, '67.1 MB'],
])('%d bytes are %s', (bytes, said) => {
  expect(fileSize(bytes, 'en-US')).toBe(said);
});
