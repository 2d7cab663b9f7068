/** What can be undone and done again: whole graphs, which share all that an edit left alone. */

import type { Graph } from '../api/types';

const MOST_KEPT = 200;
/** Edits of one kind that follow each other so soon are undone together, as typing is. */
const TOGETHER_MS = 1_000;

interface Kept {
  graph: Graph;
  /** What led on from this graph: "Move", "Type in url". */
  label: string;
}

export interface History {
  readonly past: readonly Kept[];
  readonly future: readonly Kept[];
  /** The last edit, while what follows may still be one with it. */
  readonly last: { kind: string; at: number } | null;
}

export const NO_HISTORY: History = { past: [], future: [], last: null };

/**
 * Notes an edit that led away from `before`. Edits with the same `kind` that follow each other
 * within a second are one; null is never one with another.
 */
export function noted(
  history: History,
  before: Graph,
  edit: { label: string; kind: string | null; at: number },
): History {
  const { last } = history;
  const isOne = edit.kind !== null && last?.kind === edit.kind && edit.at - last.at <= TOGETHER_MS;
  const past = isOne
    ? history.past
    : [...history.past, { graph: before, label: edit.label }].slice(-MOST_KEPT);
  return { past, future: [], last: edit.kind === null ? null : { kind: edit.kind, at: edit.at } };
}

/** The graph before the last edit; null where there is none. */
export function undone(history: History, now: Graph): { history: History; graph: Graph } | null {
  const step = history.past.at(-1);
  if (step === undefined) return null;
  const past = history.past.slice(0, -1);
  const future = [...history.future, { graph: now, label: step.label }];
  return { history: { past, future, last: null }, graph: step.graph };
}

/** The graph after the edit that was undone last; null where there is none. */
export function redone(history: History, now: Graph): { history: History; graph: Graph } | null {
  const step = history.future.at(-1);
  if (step === undefined) return null;
  const future = history.future.slice(0, -1);
  const past = [...history.past, { graph: now, label: step.label }];
  return { history: { past, future, last: null }, graph: step.graph };
}
