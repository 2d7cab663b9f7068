import { describe, expect, test } from 'vitest';
import { parseExact } from '../api/exactJson';
import { asksForMore, emptyForm, fieldsOf, formOf, jsonOf, type Entered } from './fields';
import type { Schema } from './schema';

const fieldOf = (part: Schema) => {
  const [field] = fieldsOf({ properties: { x: part } });
  if (field === undefined) throw new Error('no field');
  return field;
};

/** What is sent of one field, as JSON text. */
const sent = (part: Schema, entered: Entered) => jsonOf([fieldOf(part)], { x: entered });

describe('fields', () => {
  test.each<[string, Schema, string]>([
    ['text', { type: 'string' }, 'text'],
    ['long text', { type: 'string', maxLength: 2000 }, 'textarea'],
    ['text that wants room', { type: 'string', 'x-widget': 'textarea' }, 'textarea'],
    ['an address', { type: 'string', format: 'email' }, 'email'],
    ['a date', { type: 'string', format: 'date' }, 'date'],
    ['a moment', { type: 'string', format: 'date-time' }, 'date-time'],
    ['a number or null', { type: ['integer', 'null'] }, 'integer'],
    ['one form or null', { anyOf: [{ type: 'number' }, { type: 'null' }] }, 'number'],
    ['values', { enum: ['a', 1] }, 'choice'],
    [
      'a reference or null',
      {
        anyOf: [{ $ref: '#/properties/x/$defs/n' }, { type: 'null' }],
        $defs: { n: { type: 'number' } },
      } as Schema,
      'number',
    ],
    ['values with titles', { oneOf: [{ const: 1, title: 'One' }] }, 'choice'],
    ['texts', { type: 'array', items: { type: 'string' } }, 'texts'],
    ['numbers', { type: 'array', items: { type: 'number' } }, 'json'],
    ['an object', { type: 'object', properties: {} }, 'json'],
    ['several forms', { anyOf: [{ type: 'number' }, { type: 'string' }] }, 'json'],
    ['anything', {}, 'json'],
  ])('%s', (_, part, kind) => expect(fieldOf(part).kind).toBe(kind));

  test('are named by their titles, and know which are required', () => {
    const fields = fieldsOf({
      properties: { a: { title: 'Alpha', description: 'First.' }, b: true },
      required: ['b'],
    });
    expect(
      fields.map(({ label, description, isRequired }) => [label, description, isRequired]),
    ).toEqual([
      ['Alpha', 'First.', false],
      ['b', undefined, true],
    ]);
  });

  test('are found where references lead, also at the top', () => {
    const plan = { type: 'string', title: 'Plan' };
    const order = { properties: { plan: { $ref: '#/$defs/a~1b', title: 'Which plan' } } };
    const [field] = fieldsOf({ $ref: '#/$defs/order', $defs: { order, 'a/b': plan } } as Schema);
    expect([field?.label, field?.kind]).toEqual(['Which plan', 'text']);
  });

  test.each<unknown>([
    { properties: null },
    { required: 5, properties: { a: {} } },
    { $ref: '#/%' },
    'x',
    [],
  ])('there are none of %j, which a draft may hold', (schema) =>
    expect(fieldsOf(schema as Schema)).toEqual([]),
  );

  test('a reference that leads nowhere, or in a circle, asks for anything', () => {
    const circle = { $ref: '#/properties/b' };
    const fields = fieldsOf({ properties: { a: { $ref: '#/$defs/x' }, b: circle } });
    expect(fields.map(({ kind }) => kind)).toEqual(['json', 'json']);
  });
});

describe('what is sent', () => {
  test.each<[string, Schema, Entered, string]>([
    ['text', { type: 'string' }, 'Ada "A"', '{"x":"Ada \\"A\\""}'],
    [
      'a number of any length',
      { type: 'integer' },
      ' 12345678901234567890 ',
      '{"x":12345678901234567890}',
    ],
    ['what is no number, for the server to say so', { type: 'integer' }, '1,5', '{"x":"1,5"}'],
    ['a tick', { type: 'boolean' }, false, '{"x":false}'],
    ['the value of a choice', { enum: ['a', { b: 1 }] }, '1', '{"x":{\n  "b": 1\n}}'],
    ['texts', { type: 'array', items: { type: 'string' } }, 'a, b\n\nc', '{"x":["a, b","c"]}'],
    ['JSON as it was typed', {}, '{"n": 1.0}', '{"x":{"n": 1.0}}'],
    ['nothing of an empty text', { type: 'string' }, '', '{}'],
    ['nothing of an empty number', { type: 'number', default: 1 }, ' ', '{}'],
    ['nothing of no texts', { type: 'array', items: { type: 'string' } }, '\n', '{}'],
    ['an emptied text that had a default', { type: 'string', default: 'Ada' }, '', '{"x":""}'],
  ])('%s', (_, part, entered, json) => expect(sent(part, entered)).toBe(json));

  test('a moment in the time of this place', () => {
    const part = { type: 'string', format: 'date-time' };
    const json = sent(part, '2026-03-01T08:00');
    expect(json).toBe(`{"x":"${new Date('2026-03-01T08:00').toISOString()}"}`);
    expect(formOf([fieldOf(part)], parseExact(json))).toEqual({ x: '2026-03-01T08:00' });
  });
});

test('a form begins with the defaults', () => {
  const fields = fieldsOf({
    properties: {
      n: { type: 'integer', default: 2 },
      c: { enum: ['a', 'b'], default: 'b' },
      t: {},
    },
  });
  expect(emptyForm(fields)).toEqual({ n: '2', c: '1' });
});

test('what must be yes or no is no at first', () => {
  const fields = fieldsOf({
    properties: { a: { type: 'boolean' }, b: { type: 'boolean' } },
    required: ['a'],
  });
  expect(emptyForm(fields)).toEqual({ a: false });
});

test('choices that read alike are told apart', () => {
  const fields = fieldsOf({ properties: { c: { enum: ['1', 1] } } });
  expect(formOf(fields, { c: 1 })).toEqual({ c: '1' });
});

test('an object comes back into the fields, unless they cannot hold it', () => {
  const fields = fieldsOf({ properties: { n: { type: 'integer' }, o: {} } });
  const value = parseExact('{"n": 12345678901234567890, "o": {"a": [1]}}');
  expect(jsonOf(fields, formOf(fields, value) ?? {})).toBe(
    '{"n":12345678901234567890,"o":{\n  "a": [\n    1\n  ]\n}}',
  );
  for (const other of [{ n: '1' }, { unknown: 1 }, [], null, 5]) {
    expect(formOf(fields, other)).toBeNull();
  }
});

test('more is asked for where something required has no default', () => {
  const properties = { a: { default: 1 }, b: {} };
  expect(asksForMore({ properties, required: ['a'] })).toBe(false);
  expect(asksForMore({ properties, required: ['a', 'b'] })).toBe(true);
  expect(asksForMore({})).toBe(false);
});
