import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseExact, stringifyExact } from './exactJson';

test('a whole number too long for a double keeps its digits', () => {
  expect(parseExact('{"id": 12345678901234567890, "n": -9007199254740993}')).toEqual({
    id: 12345678901234567890n,
    n: -9007199254740993n,
  });
});

test('digits in strings, in fractions and in safe numbers stay what they are', () => {
  const text = '["12345678901234567890", "a\\"12345678901234567890", 0.12345678901234567, 7]';
  expect(parseExact(text)).toEqual(JSON.parse(text));
});

test('what is no JSON is refused', () => {
  expect(() => parseExact('[1234567890123456789')).toThrow(SyntaxError);
});

test('any JSON value with any integers comes back as it was', () => {
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      fc.integer(),
      fc.bigInt({ min: 2n ** 53n, max: 2n ** 200n }),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(
        fc.string().filter((key) => key !== '__proto__'),
        tie('value'),
        { maxKeys: 4 },
      ),
    ),
  }));
  fc.assert(
    fc.property(value, (sample) => {
      expect(stringifyExact(parseExact(stringifyExact(sample)))).toBe(stringifyExact(sample));
    }),
  );
});
