import { expect, test } from 'vitest';
import { found } from './search';

const NAMES = ['HTTP Call', 'Set Fields', 'Condition', 'Convert to File', 'Postgres Write'];
const search = (typed: string) => found(typed, NAMES, (name) => ({ name, more: `about ${name}s` }));

test('letters in their order find a name, beginnings of words first', () => {
  expect(search('cf')[0]).toBe('Convert to File');
  expect(search('http')[0]).toBe('HTTP Call');
  expect(search('con')).toEqual(['Condition', 'Convert to File']);
});

test('what is said about it finds it, too, but last', () => {
  expect(search('about set')).toEqual(['Set Fields']);
});

test('what fits nothing finds nothing', () => {
  expect(search('zzz')).toEqual([]);
});
