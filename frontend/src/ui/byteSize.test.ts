import { expect, test } from 'vitest';
import { byteSize } from './byteSize';

test.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [999, '999 bytes'],
  [1_000, '1 kB'],
  [12_440, '12.4 kB'],
  [999_949, '999.9 kB'],
  [999_950, '1 MB'],
  [3_250_000, '3.3 MB'],
])('%d is written %s', (bytes, text) => {
  expect(byteSize(bytes)).toBe(text);
});
