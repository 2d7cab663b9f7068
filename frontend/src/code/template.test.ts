import { expect, test } from 'vitest';
import { partAt, partsOf } from './template';

const codes = (text: string) => partsOf(text).map(({ from, to }) => text.slice(from, to));

test('code is what stands between two braces and two braces', () => {
  expect(codes('a {{ $json.a }} b {{1}}')).toEqual([' $json.a ', '1']);
  expect(codes('{ a }')).toEqual([]);
});

test('braces within a text or an object close no code', () => {
  expect(codes("{{ '}}' + {a: {b: 1}}.a.b }}")).toEqual([" '}}' + {a: {b: 1}}.a.b "]);
});

test('code that is still written reaches to the end', () => {
  expect(partsOf('a {{ $json.')).toEqual([{ from: 4, to: 11, isClosed: false }]);
});

test('a place is in code, or in text', () => {
  expect([partAt('a {{b}}', 1), partAt('a {{b}}', 5)?.from]).toEqual([undefined, 4]);
});
