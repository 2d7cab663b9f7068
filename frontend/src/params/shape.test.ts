import { describe, expect, test } from 'vitest';
import type { Json } from '../api/types';
import {
  captionOf,
  expressionOf,
  isAsked,
  paramsOf,
  shapeAmong,
  type Param,
  type ParamSchema,
  type Shape,
} from './shape';

const EQUALS = { type: 'string', operations: [{ name: 'equals', meaning: 'is equal to' }] };
const ROOT: ParamSchema & { $defs: Record<string, ParamSchema> } = {
  $defs: {
    Page: { type: 'object', properties: { title: { type: 'string', title: 'Title' } } },
    Operator: { type: 'object', 'x-operations': [EQUALS] },
  },
};

function paramOf(part: ParamSchema): Param {
  const [param] = paramsOf({ properties: { x: part } }, ROOT);
  if (param === undefined) throw new Error('no parameter');
  return param;
}

describe('a parameter is asked for as', () => {
  test.each<[string, ParamSchema, Shape]>([
    ['text', { type: 'string' }, { is: 'text', isLong: false, code: null }],
    [
      'long text, by what it may hold',
      { type: 'string', maxLength: 10_000 },
      { is: 'text', isLong: true, code: null },
    ],
    [
      'long text, by its widget',
      { type: 'string', 'x-widget': 'textarea' },
      { is: 'text', isLong: true, code: null },
    ],
    [
      'code',
      { type: 'string', 'x-code': 'javascript', 'x-widget': 'code' },
      { is: 'text', isLong: false, code: 'javascript' },
    ],
    [
      'code in a language that is not run here',
      { type: 'string', 'x-language': 'sql', 'x-widget': 'code' },
      { is: 'text', isLong: false, code: 'sql' },
    ],
    ['a value of any type', {}, { is: 'any', isLong: false }],
    ['a number', { type: 'number' }, { is: 'number', isWhole: false }],
    ['a whole number', { type: 'integer' }, { is: 'number', isWhole: true }],
    ['a tick', { type: 'boolean' }, { is: 'tick' }],
    [
      'a choice',
      { type: 'string', enum: ['a', 'b'] },
      {
        is: 'choice',
        choices: [
          { label: 'A', value: 'a' },
          { label: 'B', value: 'b' },
        ],
      },
    ],
    ['a credential', { type: 'string', 'x-widget': 'credential' }, { is: 'credential' }],
    [
      'a credential or none',
      { anyOf: [{ type: 'string' }, { type: 'null' }], 'x-widget': 'credential' },
      { is: 'credential' },
    ],
    [
      'a number or none',
      { anyOf: [{ type: 'integer' }, { type: 'null' }] },
      {
        is: 'number',
        isWhole: true,
      },
    ],
    ['texts', { type: 'array', items: { type: 'string' } }, { is: 'texts' }],
    ['JSON where a list says nothing of what it holds', { type: 'array' }, { is: 'json' }],
    ['a list of values', { type: 'array', items: {} }, { is: 'values' }],
    ['numbers', { type: 'array', items: { type: 'integer' } }, { is: 'numbers' }],
    [
      'ticks, where some of a few are meant',
      { type: 'array', items: { oneOf: [{ const: 1, title: 'Monday' }] } },
      { is: 'ticks', choices: [{ label: 'Monday', value: 1 }] },
    ],
    [
      'text, where it may also be a list of texts',
      { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
      { is: 'text', isLong: false, code: null },
    ],
    ['a time zone', { type: 'string', 'x-widget': 'zone' }, { is: 'zone' }],
    ['pairs', { type: 'object', 'x-widget': 'key-values' }, { is: 'pairs' }],
    ['JSON where an object has no form', { type: 'object' }, { is: 'json' }],
    [
      'conditions',
      { type: 'object', 'x-widget': 'conditions' },
      { is: 'conditions', operations: [EQUALS] },
    ],
  ])('%s', (_, part, shape) => {
    expect(paramOf(part).shape).toEqual(shape);
  });

  test('a list of objects, each a form of its own', () => {
    const { shape } = paramOf({ type: 'array', items: { $ref: '#/$defs/Page' } });
    expect(shape.is === 'list' && paramsOf(shape.items, ROOT).map(({ label }) => label)).toEqual([
      'Title',
    ]);
  });

  test('a group of its members, also where there may be none', () => {
    const { shape } = paramOf({ anyOf: [{ $ref: '#/$defs/Page' }, { type: 'null' }] });
    expect(shape.is === 'group' && shape.members.map(({ name }) => name)).toEqual(['title']);
  });
});

test('a parameter tells its default, its example and whether it must be given', () => {
  const part = { type: 'string', default: 'GET', examples: ['PUT'] };
  const [param] = paramsOf({ properties: { method: part }, required: ['method'] }, ROOT);
  expect(param).toMatchObject({
    label: 'method',
    default: 'GET',
    example: 'PUT',
    isRequired: true,
    isLiteral: false,
  });
});

test('code and what is needed before any item is there hold no expression', () => {
  expect(paramOf({ type: 'string', 'x-code': 'javascript' }).isLiteral).toBe(true);
  expect(paramOf({ type: 'string', 'x-literal': true }).isLiteral).toBe(true);
});

test('a schema that takes no expression takes none further in', () => {
  const properties = { x: { type: 'object', properties: { y: { type: 'string' } } } };
  const [group] = paramsOf({ properties }, { properties, 'x-literal': true });
  expect(group).toMatchObject({ isLiteral: true, shape: { is: 'group' } });
  expect(group?.shape.is === 'group' && group.shape.members[0]?.isLiteral).toBe(true);
});

describe('a parameter that has an effect by its siblings alone', () => {
  const properties: Record<string, ParamSchema> = {
    language: { enum: ['javascript', 'json'], default: 'javascript' },
    mode: { enum: ['all', 'each'], default: 'all' },
    code: { type: 'string', default: 'return items;', 'x-when': { language: ['javascript'] } },
    mapping: { 'x-when': { language: ['json'] } },
    rest: { type: 'integer', default: 0, 'x-when': { language: ['json'], mode: ['each'] } },
    always: { type: 'string' },
  };
  const params = paramsOf({ properties }, ROOT);
  const asked = (values: Record<string, Json>) =>
    params.filter((param) => isAsked(param, params, values)).map(({ name }) => name);

  test('is asked for by their defaults, where they have no value', () => {
    expect(asked({})).toEqual(['language', 'mode', 'code', 'always']);
  });

  test('is asked for by their values', () => {
    expect(asked({ language: 'json' })).toEqual(['language', 'mode', 'mapping', 'always']);
  });

  test('is asked for where all of them fit', () => {
    expect(asked({ language: 'json', mode: 'each' })).toContain('rest');
  });

  test('is asked for where an expression may give any value', () => {
    expect(asked({ language: '={{ $json.by }}' })).toEqual(
      expect.arrayContaining(['code', 'mapping']),
    );
  });

  test('is asked for where it has another value than its default', () => {
    expect(asked({ rest: 5 })).toContain('rest');
    expect(asked({ mapping: { a: 1 } })).toContain('mapping');
  });

  test('is not asked for where its value is its default, or as empty', () => {
    expect(asked({ rest: 0, mapping: {} })).toEqual(asked({}));
  });
});

test('a parameter is asked for in another way with some values of its siblings', () => {
  const days = { type: 'array', items: { oneOf: [{ const: 1, title: 'Monday' }] } };
  const properties: Record<string, ParamSchema> = {
    unit: { enum: ['weeks', 'months'], default: 'months' },
    on: {
      type: 'array',
      items: { type: 'integer' },
      'x-forms': [{ ...days, 'x-when': { unit: ['weeks'] } }],
    },
  };
  const params = paramsOf({ properties }, ROOT);
  const on = params[1];
  if (on === undefined) throw new Error('no parameter');
  expect(shapeAmong(on, params, {}).is).toBe('numbers');
  expect(shapeAmong(on, params, { unit: 'weeks' }).is).toBe('ticks');
});

test('a node is called by a parameter that says what it is there for', () => {
  const root: ParamSchema = {
    properties: {
      stands_for: { type: 'string', 'x-caption': 'Placeholder for' } as ParamSchema,
      other: { type: 'string' },
    },
  };
  expect(captionOf(root, { stands_for: 'telegram of n8n' })).toBe(
    'Placeholder for telegram of n8n',
  );
  expect(captionOf(root, { stands_for: '', other: 'x' })).toBeNull();
  expect(captionOf({}, { other: 'x' })).toBeNull();
});

test.each<[Json, string]>([
  [undefined, '='],
  ['{{ $json.a }}', '={{ $json.a }}'],
  [{ a: [1] }, '={{ {"a":[1]} }}'],
  [12345678901234567890n, '={{ 12345678901234567890 }}'],
])('of %s the expression %s is made', (value, expression) => {
  expect(expressionOf(value)).toBe(expression);
});
