/** Where expressions and code mention nodes by name, so that a new name reaches them. */

import type { Json } from '../api/types';

/** `$('Name')`, `$items("Name"`, `$node['Name']`: what stands before a name, and its quote. */
const MENTION = /(\$\(\s*|\$items\(\s*|\$node\[\s*)(['"`])((?:\\[\s\S]|(?!\2)[^\\])*)\2/g;
/** `$node.Name`, for names that are words. */
const MEMBER = /(\$node\.)([A-Za-z_$][\w$]*)/g;
const WORD = /^[A-Za-z_$][\w$]*$/;

/**
 * The params with other names where they mention nodes; the same object where they mention none of
 * them. `names` has the new name of each old one. Text that is no expression is left alone, but for
 * the params in `codeFields`, whose text is code.
 */
export function renameInParams(
  params: Record<string, Json>,
  names: ReadonlyMap<string, string>,
  codeFields: ReadonlySet<string> = new Set(),
): Record<string, Json> {
  const renamed = Object.entries(params).map(([name, value]) => {
    const isCode = codeFields.has(name) && typeof value === 'string';
    return [name, isCode ? renameInCode(value, names) : renameIn(value, names)] as const;
  });
  return renamed.every(([name, value]) => value === params[name])
    ? params
    : Object.fromEntries(renamed);
}

function renameIn(value: Json, names: ReadonlyMap<string, string>): Json {
  if (typeof value === 'string') return value.startsWith('=') ? renameInCode(value, names) : value;
  if (Array.isArray(value)) {
    const next = value.map((each) => renameIn(each, names));
    return next.every((each, place) => each === value[place]) ? value : next;
  }
  if (typeof value !== 'object' || value === null) return value;
  const members = value as Record<string, Json>;
  const next = Object.entries(members).map(([key, each]) => [key, renameIn(each, names)] as const);
  return next.every(([key, each]) => each === members[key]) ? value : Object.fromEntries(next);
}

function renameInCode(code: string, names: ReadonlyMap<string, string>): string {
  return code
    .replace(MENTION, (found, before: string, quote: string, written: string) => {
      const name = names.get(unescaped(written));
      return name === undefined ? found : `${before}${quoted(name, quote)}`;
    })
    .replace(MEMBER, (found, before: string, written: string) => {
      const name = names.get(written);
      if (name === undefined) return found;
      return WORD.test(name) ? before + name : `$node[${quoted(name, "'")}]`;
    });
}

/** A name as it was meant: a quote in it is written with a backslash before. */
function unescaped(written: string): string {
  return written.replace(/\\([\s\S])/g, '$1');
}

function quoted(name: string, quote: string): string {
  const escaped = name.replace(/[\\'"`]/g, (sign) =>
    sign === '\\' || sign === quote ? `\\${sign}` : sign,
  );
  return quote + (quote === '`' ? escaped.replaceAll('${', '\\${') : escaped) + quote;
}
