import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { between, duration, fieldOf, momentOf, shortTime } from './times';

test.each([
  [0, '0 ms'],
  [340, '340 ms'],
  [2_400, '2.4 s'],
  [59_990, '1 min'],
  [200_000, '3 min 20 s'],
  [3_600_000, '1 h'],
  [7_500_000, '2 h 5 min'],
  [90_000_000, '1 d 1 h'],
])('%d milliseconds are written %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test('a clock that went backwards makes no negative duration', () => {
  expect(between('2026-01-01T00:00:01Z', '2026-01-01T00:00:00Z')).toBe('0 ms');
});

test('a time of today needs no date, one of last year needs the year', () => {
  const now = new Date(2026, 4, 4, 15, 0, 0);
  expect(shortTime(new Date(2026, 4, 4, 9, 5, 7).toISOString(), now)).toBe('09:05:07');
  expect(shortTime(new Date(2026, 2, 4, 9, 5).toISOString(), now)).toBe('Mar 4, 09:05');
  expect(shortTime(new Date(2025, 2, 4, 9, 5).toISOString(), now)).toBe('Mar 4, 2025, 09:05');
});

describe('the browser’s field for a time, in a place whose clock once went by the sun', () => {
  const zone = process.env.TZ;
  beforeEach(() => void (process.env.TZ = 'Europe/Berlin'));
  afterEach(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });

  test.each(['2026-03-01T14:30', '2026-07-01T14:30', '0002-03-01T14:30', '0202-12-31T23:59'])(
    'says %s again, also while its year is being typed',
    (typed) => expect(fieldOf(momentOf(typed))).toBe(typed),
  );
});
