import { describe, expect, test } from 'vitest';
import { suggestionsAt, type Reach } from './suggest';

const REACH: Reach = {
  items: [
    { json: { id: 7, order: { lines: [{ sku: 'x' }] }, 'full name': 'Ada' } },
    { json: { at: '2026-01-01T00:00:00Z' } },
  ],
  nodes: { Orders: [{ json: { total: 12.5 }, binary: { invoice: {} } }], "Ada's": [] },
  before: ['Orders', "Ada's"],
  variables: ['region'],
};
const labels = (code: string, isCode = false) =>
  suggestionsAt(code, REACH, isCode)?.options.map(({ label }) => label) ?? null;

describe('what may follow', () => {
  test.each([
    ['the fields of all items that came', '$json.', ['id', 'order', 'full name', 'at']],
    ['those within a field', '$json.order.', ['lines']],
    ['those of a list’s entry', '$json.order.lines[0].', ['sku']],
    ['those of what a node gave', "$('Orders').item.json.", ['total']],
    ['the same by other words', '$("Orders").first().json.', ['total']],
    ['the same as older workflows say it', '$node["Orders"].json.', ['total']],
    ['its files', "$('Orders').item.binary.", ['invoice']],
    ['what came in', '$input.first().json.', ['id', 'order', 'full name']],
    ['variables', '$vars.', ['region']],
    ['what is known of the workflow', '$workflow.', ['id', 'name', 'active']],
  ])('%s: %s', (_, code, wanted) => {
    const found = suggestionsAt(code, REACH)?.options.filter(({ kind }) => kind === 'field');
    expect(found?.map(({ label }) => label)).toEqual(wanted);
  });

  test('methods of the kind that a field has, in expressions', () => {
    expect(labels('$json.at.')).toEqual(expect.arrayContaining(['toDateTime()', 'trim()']));
    expect(labels('$json.at.', true)).not.toContain('toDateTime()');
    expect(labels('$json.id.')).toContain('round()');
    expect(labels('$now.')).toContain('toFormat()');
    expect(labels('$json.at.toDateTime().plus({days: 1}).')).toContain('toISO()');
  });

  test('the names of the nodes before, the nearest first', () => {
    expect(labels('$(')).toEqual(['Orders', "Ada's"]);
    expect(suggestionsAt("1 + $('Or", REACH)).toMatchObject({ typed: 2 });
    expect(suggestionsAt('$(', REACH)?.options[1]?.text).toBe("'Ada\\'s'");
  });

  test('names that stand for themselves', () => {
    expect(labels('$j')).toEqual(expect.arrayContaining(['$json', '$now', "$('Orders')"]));
    expect(labels('$json.nothing.at.all.')).toBeNull();
  });
});

test('a field whose name is no word stands in brackets, in the place of the dot', () => {
  const field = suggestionsAt('$json.', REACH)?.options.find(({ label }) => label === 'full name');
  expect(field).toMatchObject({ text: "['full name']", replacesDot: true });
});

test('an example of a field stands beside it', () => {
  const [id, order] = suggestionsAt('$json.', REACH)?.options ?? [];
  expect([id?.detail, order?.detail]).toEqual(['7', '{1}']);
});

test.each(['$input.__proto__.', '$input.toString.', "$('Orders').constructor."])(
  'what every object of JavaScript has is no member: %s',
  (code) => expect(labels(code)).toBeNull(),
);
