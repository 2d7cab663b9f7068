/** What may be written next in an expression, by the data that it would see. */

import type { Json } from '../api/types';
import { memberOf, membersIn } from '../items/fields';
import { previewOf } from '../items/preview';
import { chainAt, nameAt, nodeNameAt, type Chain, type Step } from './chain';
import { kindGiven, NAMES, NATIVE, OWN_METHODS, type Kind } from './methods';

/** What an expression reaches of a run, as far as that is known. */
export interface Reach {
  /** The items that came to the node. */
  items: Json[];
  /** What other nodes gave, by their names. */
  nodes: Record<string, Json[]>;
  /** The names of the nodes before this one, the nearest first. */
  before: string[];
  /** The names of the workspace's variables. */
  variables: string[];
}

export interface Suggestion {
  label: string;
  kind: 'field' | 'method' | 'name' | 'node';
  detail?: string;
  /** What is written, where it is another than the label. */
  text?: string;
  /** Whether it takes the place of the dot before it, as `['a b']` does. */
  replacesDot?: boolean;
  /** Fields stand before methods. */
  rank: number;
}

export interface Suggested {
  /** How many characters before the caret they replace. */
  typed: number;
  options: Suggestion[];
}

/** Something that a chain has led to. */
interface Reached {
  /** Examples of it: what it was in one item after the other. */
  values?: Json[];
  kind?: Kind | null;
  members?: Record<string, () => Reached>;
}

const WORD = /^[A-Za-z_$][\w$]*$/;
const MOST_EXAMPLES = 100;

/** `code`: up to the caret. `isCode`: in code there are no methods beside JavaScript's own. */
export function suggestionsAt(code: string, reach: Reach, isCode = false): Suggested | null {
  const node = nodeNameAt(code);
  if (node !== null) return nodeNames(node.typed, node.quote, reach);
  const chain = chainAt(code);
  if (chain !== null) return membersOf(chain, reach, isCode);
  const typed = nameAt(code);
  return typed === null ? null : { typed: typed.length, options: names(reach) };
}

function nodeNames(typed: string, quote: string, { before }: Reach): Suggested {
  const options = before.map((name, place) => ({
    label: name,
    kind: 'node' as const,
    text: quote === '' ? quoted(name) : quoted(name, quote).slice(1, -1),
    rank: before.length - place,
  }));
  return { typed: typed.length, options };
}

function names({ before }: Reach): Suggestion[] {
  return [
    ...Object.entries(NAMES).map(([label, detail], place) => ({
      label,
      detail,
      kind: 'name' as const,
      rank: 50 - place,
    })),
    ...before.map((name, place) => ({
      label: `$(${quoted(name)})`,
      detail: 'an earlier node',
      kind: 'node' as const,
      rank: 10 - place,
    })),
  ];
}

function membersOf(chain: Chain, reach: Reach, isCode: boolean): Suggested | null {
  const reached = chain.steps.reduce(after, rootOf(chain, reach));
  const options = optionsOf(reached, chain.isOptional, isCode);
  return options.length === 0 ? null : { typed: chain.typed.length, options };
}

function rootOf({ root, steps }: Chain, reach: Reach): Reached {
  switch (root) {
    case '$json':
      return { values: reach.items.map(jsonOf) };
    case '$binary':
      return { values: reach.items.map(filesOf) };
    case '$input':
      return inputOf(reach);
    case '$()':
    case '$node': {
      const name = String(steps[0]?.name);
      return { members: { [name]: () => nodeOf(reach, name, root === '$node') } };
    }
    case '$vars':
      return { members: Object.fromEntries(reach.variables.map((name) => [name, text])) };
    case '$now':
    case '$today':
      return { kind: 'dates' };
    case '$workflow':
      return { members: { id: text, name: text, active: () => ({ kind: 'booleans' }) } };
    case '$execution':
      return { members: { id: text, mode: text, resumeUrl: text } };
    case '$prevNode':
      return { members: { name: text, outputIndex: number, runIndex: number } };
    case 'DateTime':
      return {
        members: Object.fromEntries(
          ['now()', 'fromISO()', 'fromFormat()', 'fromMillis()', 'fromSeconds()', 'utc()'].map(
            (name) => [name, () => ({ kind: 'dates' })],
          ),
        ),
      };
    default:
      return /^['"]/.test(root) ? { kind: 'texts' } : {};
  }
}

const text = (): Reached => ({ kind: 'texts' });
const number = (): Reached => ({ kind: 'numbers' });
const itemIn = (items: Json[]) => (): Reached => ({
  members: {
    json: () => ({ values: items.map(jsonOf) }),
    binary: () => ({ values: items.map(filesOf) }),
  },
});

function inputOf({ items }: Reach): Reached {
  return {
    members: {
      item: itemIn(items),
      'first()': itemIn(items.slice(0, 1)),
      'last()': itemIn(items.slice(-1)),
      'all()': () => ({ values: [items] }),
      params: () => ({}),
    },
  };
}

function nodeOf(reach: Reach, name: string, isOldForm: boolean): Reached {
  const items = reach.nodes[name] ?? [];
  if (isOldForm) return itemIn(items)();
  const { members = {} } = inputOf({ ...reach, items });
  return {
    members: {
      ...members,
      'itemMatching()': itemIn(items),
      isExecuted: () => ({ kind: 'booleans' }),
    },
  };
}

function after(reached: Reached, { name, isCall }: Step): Reached {
  const member = isCall ? `${name}()` : String(name);
  const { members = {} } = reached;
  if (Object.hasOwn(members, member)) return members[member]?.() ?? {};
  const kind = kindOf(reached);
  if (isCall || (kind !== null && kind !== 'objects' && kind !== 'arrays')) {
    return kind === null ? {} : { kind: kindGiven(kind, String(name)) };
  }
  return { values: membersIn(reached.values ?? [], name).slice(0, MOST_EXAMPLES) };
}

function kindOf({ kind, values = [], members }: Reached): Kind | null {
  if (kind !== undefined) return kind;
  if (members !== undefined) return null;
  const value = values.find((each) => each !== null && each !== undefined);
  if (Array.isArray(value)) return 'arrays';
  switch (typeof value) {
    case 'string':
      return 'texts';
    case 'number':
    case 'bigint':
      return 'numbers';
    case 'boolean':
      return 'booleans';
    case 'object':
      return 'objects';
    default:
      return null;
  }
}

function optionsOf(reached: Reached, isOptional: boolean, isCode: boolean): Suggestion[] {
  const fields = new Map<string, Json>();
  for (const value of reached.values ?? []) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) continue;
    for (const [name, each] of Object.entries(value)) {
      if (fields.get(name) === undefined) fields.set(name, each);
    }
  }
  const kind = kindOf(reached);
  const calls = kind === null || isCode ? [] : OWN_METHODS[kind].map((name) => `${name}()`);
  const methods = new Set([...(kind === null ? [] : NATIVE[kind]), ...calls]);
  return [
    ...[...fields].map(([name, example], place) =>
      fieldOf(name, previewOf(example), isOptional, 99 - Math.min(place, 90)),
    ),
    ...Object.keys(reached.members ?? {}).map((name, place) =>
      fieldOf(name, '', isOptional, 99 - place),
    ),
    ...[...methods]
      .filter((name) => name !== 'length()' && !fields.has(name.replace('()', '')))
      .map((label) => ({ label, kind: 'method' as const, rank: 0 })),
  ];
}

function fieldOf(name: string, detail: string, isOptional: boolean, rank: number): Suggestion {
  const field = { label: name, kind: 'field' as const, detail, rank };
  if (WORD.test(name) || name.endsWith('()')) return field;
  return { ...field, text: `[${quoted(name)}]`, replacesDot: !isOptional };
}

function jsonOf(item: Json): Json {
  return memberOf(item, 'json') ?? item;
}

function filesOf(item: Json): Json {
  return memberOf(item, 'binary') ?? {};
}

export function quoted(name: string, quote = "'"): string {
  return quote + name.replace(/[\\'"]/g, (s) => (s === '\\' || s === quote ? `\\${s}` : s)) + quote;
}
