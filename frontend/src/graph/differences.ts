/** What differs between two JSON values, told member by member. */

import { stringifyExact } from '../api/exactJson';
import type { Json } from '../api/types';

export interface Difference {
  /** "body.items[0].name"; "" for the whole value. */
  path: string;
  /** Undefined where there was nothing. */
  before: Json;
  /** Undefined where there is nothing any more. */
  after: Json;
}

export interface Differences {
  found: Difference[];
  /** There are more than were asked for. */
  areMore: boolean;
}

/** The first `most` differences, in the order of the members. */
export function differencesOf(before: Json, after: Json, most = 200): Differences {
  const found: Difference[] = [];
  let areMore = false;
  const walk = (path: string, one: Json, other: Json): void => {
    if (areMore || Object.is(one, other)) return;
    const [ones, others] = [membersOf(one), membersOf(other)];
    if (ones !== null && others !== null && Array.isArray(one) === Array.isArray(other)) {
      const isList = Array.isArray(one);
      for (const name of new Set([...ones.keys(), ...others.keys()])) {
        walk(joined(path, name, isList), ones.get(name), others.get(name));
      }
    } else if (found.length < most) {
      found.push({ path, before: one, after: other });
    } else {
      areMore = true;
    }
  };
  walk('', before, after);
  return { found, areMore };
}

export function isSame(one: Json, other: Json): boolean {
  return !differencesOf(one, other, 0).areMore;
}

function membersOf(value: Json): Map<string, Json> | null {
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : null;
}

function joined(path: string, name: string, isList: boolean): string {
  if (isList) return `${path}[${name}]`;
  return path === '' ? name : `${path}.${name}`;
}

/** A value in one text of bounded length, as a list of changes shows it. */
export function inShort(value: Json, longest = 2_000): string {
  if (value === undefined) return '';
  const text = typeof value === 'string' ? value : stringifyExact(value);
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
