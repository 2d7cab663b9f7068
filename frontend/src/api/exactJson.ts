/**
 * JSON whose whole numbers keep all their digits.
 *
 * Runs carry integers of any size exactly, but `JSON.parse` rounds them beyond 2^53. Here they
 * become a `bigint`, and are written again as they were.
 */

import { randomKey } from './randomKey';

const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const LONG_NUMBER = /\d{16}/;
const WHOLE = /^-?\d+$/;

/** Parse JSON; a whole number that a double cannot hold becomes a `bigint`. */
export function parseExact(text: string): unknown {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text) as unknown;
  JSON.parse(text); // refuses what is no JSON before a token of it is replaced
  const mark = newMark();
  const marked = text.replace(STRING_OR_NUMBER, (token) =>
    WHOLE.test(token) && !Number.isSafeInteger(Number(token)) ? `"${mark}${token}"` : token,
  );
  return JSON.parse(marked, (_key, value: unknown) =>
    typeof value === 'string' && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value,
  ) as unknown;
}

/** Write a value that `parseExact` gave, indented for reading; by 0 it stands in one line. */
export function stringifyExact(value: unknown, indent = 2): string {
  const mark = newMark();
  const marked = JSON.stringify(
    value,
    (_key, part: unknown) => (typeof part === 'bigint' ? `${mark}${part.toString()}` : part),
    indent,
  );
  return marked.replaceAll(new RegExp(`"${mark}(-?\\d+)"`, 'g'), '$1');
}

/** A prefix that no text of the data has, since it is drawn anew each time. */
function newMark(): string {
  return `int-${randomKey()}:`;
}
