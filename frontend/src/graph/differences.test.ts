import fc from 'fast-check';
import { expect, test } from 'vitest';
import { differencesOf, inShort, isSame } from './differences';

test('each member that differs is named by its path', () => {
  const before = { a: 1, b: { c: [1, 2] }, gone: true };
  const after = { a: 1, b: { c: [1, 3, 4] }, come: null };
  expect(differencesOf(before, after).found).toEqual([
    { path: 'b.c[1]', before: 2, after: 3 },
    { path: 'b.c[2]', before: undefined, after: 4 },
    { path: 'gone', before: true, after: undefined },
    { path: 'come', before: undefined, after: null },
  ]);
});

test('a list is no object, and a large number is not the next one', () => {
  expect(differencesOf([], {}).found).toEqual([{ path: '', before: [], after: {} }]);
  expect(isSame({ n: 9007199254740993n }, { n: 9007199254740992n })).toBe(false);
  expect(isSame({ n: 1 }, { n: '1' })).toBe(false);
});

test('no more differences are told than were asked for', () => {
  expect(differencesOf([1, 2, 3], [4, 5, 6], 2)).toMatchObject({
    found: [{ path: '[0]' }, { path: '[1]' }],
    areMore: true,
  });
  expect(differencesOf([1, 2], [4, 5], 2).areMore).toBe(false);
});

test('a value differs from no copy of itself', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => isSame(value, structuredClone(value))));
});

test('a long value is told in short', () => {
  expect(inShort('x'.repeat(30), 10)).toBe(`${'x'.repeat(10)}…`);
});
