/** What is typed into fields and cannot be read yet as their values: it is in no graph. No React. */

import { objectOf } from '../params/shape';
import type { Graph, Json } from '../api/types';
import { PARAMS, type Problem } from './problems';

/** A text that cannot be read as the value of the param at its path. */
export interface Unread {
  node: string;
  path: string;
  text: string;
  /** Why it cannot, in a sentence. */
  why: string;
}

export class UnreadTexts {
  private listeners = new Set<() => void>();
  private current: readonly Unread[] = [];

  get state(): readonly Unread[] {
    return this.current;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  keep(text: Unread): void {
    this.set([...this.without(text.node, text.path), text]);
  }

  /** It can be read now, or is left empty. */
  forget(node: string, path: string): void {
    const others = this.without(node, path);
    if (others.length < this.current.length) this.set(others);
  }

  /** The entries of a list were put in another order, of which this tells their places before. */
  arrange(node: string, list: string, order: number[]): void {
    const entry = `${list}[`;
    if (!this.current.some((each) => each.node === node && each.path.startsWith(entry))) return;
    this.set(
      this.current.flatMap((each) => {
        if (each.node !== node || !each.path.startsWith(entry)) return [each];
        const [before = '', ...below] = each.path.slice(entry.length).split(']');
        const place = order.indexOf(Number(before));
        return place < 0 ? [] : [{ ...each, path: `${entry}${place}]${below.join(']')}` }];
      }),
    );
  }

  /** Take in what an earlier editor has left. */
  take(texts: readonly Unread[]): void {
    this.set([...texts]);
  }

  private without(node: string, path: string): Unread[] {
    return this.current.filter((each) => each.node !== node || each.path !== path);
  }

  private set(texts: readonly Unread[]): void {
    this.current = texts;
    for (const listener of this.listeners) listener();
  }
}

/** The problems that they are, of fields that are still there. */
export function unreadOf({ nodes }: Graph, unread: readonly Unread[]): Problem[] {
  return unread.flatMap(({ node, path, why }) =>
    nodes
      .filter(({ id, params }) => id === node && hasPlace(params, path))
      .map(({ name }) => ({
        ...{ node, path: `${PARAMS}.${path}`, code: 'unread', isError: true },
        message: `Node “${name}” (${node}): ${why}`,
      })),
  );
}

/** Whether the lists on the way to a path have the entries that it leads through. */
function hasPlace(params: Json, path: string): boolean {
  let at = params;
  for (const [part, place] of path.matchAll(/[^.[\]]+|\[(\d+)\]/g)) {
    if (place === undefined) {
      at = objectOf(at)[part];
    } else {
      if (!Array.isArray(at) || Number(place) >= at.length) return false;
      at = (at as Json[])[Number(place)];
    }
  }
  return true;
}
