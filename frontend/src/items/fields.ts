/** The fields that items have: their paths, types, and an example of each. */

import type { Json } from '../api/types';
import { previewOf } from './preview';

export interface Field {
  /** As `order.lines[0].sku`, behind what reads the item. */
  path: string;
  name: string;
  depth: number;
  type: string;
  example: string;
}

const MOST_FIELDS = 300;
const MOST_ITEMS = 100;
const DEEPEST = 6;
const WORD = /^[A-Za-z_$][\w$]*$/;

/** Those of all items together, an object's before what follows it. */
export function fieldsOf(items: Json[]): Field[] {
  const fields: Field[] = [];
  add(fields, items.slice(0, MOST_ITEMS).map(jsonOf), '', 0);
  return fields;
}

/** An item is told as its json: its files and lineage stand elsewhere. */
export function jsonOf(item: Json): Json {
  return isObject(item) && 'json' in item ? item.json : item;
}

/** A member of an object or a list, and of nothing else: `constructor` is none that all have. */
export function memberOf(value: Json, name: string | number): Json {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, Json>)[name];
}

/** What those of the values that have such a member have there. */
export function membersIn(values: Json[], name: string | number): Json[] {
  return values.map((value) => memberOf(value, name)).filter((member) => member !== undefined);
}

/** `.name`, or `['full name']`. */
export function stepTo(name: string): string {
  if (WORD.test(name)) return `.${name}`;
  return `['${name.replace(/[\\']/g, '\\$&')}']`;
}

/** `.lines[0].sku`, of names and places in lists. */
export function pathTo(steps: readonly (string | number)[]): string {
  return steps.map((step) => (typeof step === 'number' ? `[${step}]` : stepTo(step))).join('');
}

/** What reads the items that a node of this name gave. */
export function readerOf(node: string): string {
  return `$('${node.replace(/[\\']/g, '\\$&')}').item.json`;
}

function add(fields: Field[], values: Json[], path: string, depth: number): void {
  const names = new Set(values.filter(isObject).flatMap((value) => Object.keys(value)));
  for (const name of names) {
    if (fields.length >= MOST_FIELDS) return;
    const found = membersIn(values.filter(isObject), name);
    const told = found.find((value) => value !== null) ?? null;
    const own = path + stepTo(name);
    fields.push({ path: own, name, depth, type: typeOf(told), example: previewOf(told) });
    if (depth + 1 >= DEEPEST) continue;
    if (Array.isArray(told)) add(fields, told.slice(0, 1), `${own}[0]`, depth + 1);
    else add(fields, found, own, depth + 1);
  }
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  return typeof value === 'string' ? 'text' : typeof value === 'bigint' ? 'number' : typeof value;
}

function isObject(value: Json): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
