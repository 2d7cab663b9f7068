import { expect, test } from 'vitest';
import { fieldsOf, readerOf } from './fields';

test('fields are those of all items, with their types and an example', () => {
  const items = [
    { json: { id: null, order: { total: 2 } } },
    { json: { id: 7, 'full name': 'A' } },
  ];
  expect(fieldsOf(items)).toEqual([
    { path: '.id', name: 'id', depth: 0, type: 'number', example: '7' },
    { path: '.order', name: 'order', depth: 0, type: 'object', example: '{1}' },
    { path: '.order.total', name: 'total', depth: 1, type: 'number', example: '2' },
    { path: "['full name']", name: 'full name', depth: 0, type: 'text', example: 'A' },
  ]);
});

test('of a list its first entry tells what is in it', () => {
  expect(fieldsOf([{ lines: [{ sku: 'x' }] }]).map(({ path }) => path)).toEqual([
    '.lines',
    '.lines[0].sku',
  ]);
});

test('a quote in a node’s name does not end it', () => {
  expect(readerOf("Ada's")).toBe("$('Ada\\'s').item.json");
});
