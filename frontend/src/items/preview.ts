import { stringifyExact } from '../api/exactJson';
import type { Json } from '../api/types';

const MOST = 60;
/** Of a text of megabytes no more is looked at, since a table has a preview in each of its cells. */
const LOOKED_AT = 1_000;

/** A value in a few characters: a text as it is, of lists and objects how much is in them. */
export function previewOf(value: Json): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return cut(value.slice(0, LOOKED_AT).replace(/\s+/g, ' '));
  if (Array.isArray(value)) return `[${value.length}]`;
  if (typeof value === 'object' && value !== null) return `{${Object.keys(value).length}}`;
  return cut(stringifyExact(value));
}

function cut(text: string): string {
  return text.length > MOST ? `${text.slice(0, MOST)}…` : text;
}
