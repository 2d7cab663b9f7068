import { expect, test } from 'vitest';
import { clockMove, haveSeconds, localTime, offsetOf, zonedTime } from './zoned';

test('a time is told as the clock of its zone shows it, wherever the reader is', () => {
  expect(localTime('2026-03-29T03:00:00+03:00')).toBe('Sun 29 Mar 2026, 03:00');
  expect(localTime('2026-12-31T23:59:30-08:00')).toBe('Thu 31 Dec 2026, 23:59:30');
  expect(offsetOf('2026-03-29T03:00:00+05:45')).toBe('+05:45');
});

test('of a list in which one time has seconds all are told with theirs', () => {
  const times = ['2026-03-29T01:40:45.000Z', '2026-03-29T01:41:00.000Z'];
  expect(haveSeconds(times)).toBe(true);
  expect(haveSeconds(times.slice(1))).toBe(false);
  expect(times.map((at) => zonedTime(at, 'Europe/Riga', true).slice(-8))).toEqual([
    '04:40:45',
    '04:41:00',
  ]);
  expect(localTime('2026-03-29T04:41:00+03:00', true)).toBe('Sun 29 Mar 2026, 04:41:00');
});

test('a moment is told in a time zone, and in UTC where the browser does not know the zone', () => {
  const moment = '2026-03-29T01:00:00.000Z';
  expect(zonedTime(moment, 'Asia/Kathmandu')).toBe('Sun 29 Mar 2026, 06:45');
  expect(zonedTime(moment, 'Mars/Olympus')).toBe('Sun 29 Mar 2026, 01:00 UTC');
});

test.each([
  [0, null],
  [3600, 'clock put forward 1 h'],
  [-3600, 'clock put back 1 h'],
  [1800, 'clock put forward 30 min'],
])('a clock that was moved by %d s is told as %s', (seconds, words) => {
  expect(clockMove(seconds)).toBe(words);
});
