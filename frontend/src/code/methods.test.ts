import { readdirSync, readFileSync } from 'node:fs';
import { runInThisContext } from 'node:vm';
import { expect, test } from 'vitest';
import { OWN_METHODS } from './methods';

const PRELUDE = '../apps/expressions/prelude';

/** The methods that the engine gives values, by the kind: its files are asked as it asks them. */
function methodsOfTheEngine(): Record<string, string[]> {
  const found: Record<string, Set<string>> = {};
  const extend = (kind: string, functions: object) => {
    found[kind] = new Set([...(found[kind] ?? []), ...Object.keys(functions)]);
  };
  const host: unknown = new Proxy(
    {},
    { get: (_, name) => (name === 'extend' ? extend : () => undefined), set: () => true },
  );
  for (const file of readdirSync(PRELUDE)) {
    const source = readFileSync(`${PRELUDE}/${file}`, 'utf8').replace(/;\s*$/, '');
    if (file === 'extend.js' || !source.includes('host.extend(')) continue;
    // Each file of the prelude is one function of its host, in brackets.
    (runInThisContext(`(${source})`) as (host: unknown) => void)(host);
  }
  return Object.fromEntries(
    Object.entries(found).map(([kind, names]) => [kind, [...names].sort()]),
  );
}

test('the methods that are suggested are those of the engine', () => {
  const own = Object.entries(OWN_METHODS).map(([kind, names]) => [kind, [...names].sort()]);
  expect(Object.fromEntries(own)).toEqual(methodsOfTheEngine());
});
