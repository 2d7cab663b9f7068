/** Two runs of a workflow, step by step. */

import type { Json, Step } from '../api/types';
import { differencesOf, isSame, type Differences } from '../graph/differences';

/** `unknown`: one of them is too large for a list. */
export type Likeness = 'same' | 'different' | 'unknown';

export interface ComparedStep {
  node: string;
  iteration: number;
  /** Undefined where this run had no such step. */
  step: Step | undefined;
  other: Step | undefined;
  input: Likeness;
  output: Likeness;
  /** Nothing of it is known to differ. Times never count. */
  isSame: boolean;
}

type Side = 'input_json' | 'output_json';

/** The steps of this run with those of the other beside them, then those that only the other had. */
export function compared(steps: Step[], others: Step[]): ComparedStep[] {
  const left = new Map(others.map((step) => [placeOf(step), step]));
  const pairs = steps.map((step): [Step | undefined, Step | undefined] => {
    const other = left.get(placeOf(step));
    left.delete(placeOf(step));
    return [step, other];
  });
  for (const other of left.values()) pairs.push([undefined, other]);
  return pairs.map(([step, other]) => {
    const { node = '', iteration = 0 } = step ?? other ?? {};
    const input = likenessOf(step, other, 'input_json');
    const output = likenessOf(step, other, 'output_json');
    const isEven = step?.status === other?.status && step?.error === other?.error;
    const isSameStep = isEven && input === 'same' && output === 'same';
    return { node, iteration, step, other, input, output, isSame: isSameStep };
  });
}

/** What one side of a step took or gave otherwise than the other did. */
export function sideDifferences({ step, other }: ComparedStep, side: Side): Differences {
  return differencesOf(plain(other?.[side]), plain(step?.[side]), 100);
}

function likenessOf(step: Step | undefined, other: Step | undefined, side: Side): Likeness {
  if (step === undefined || other === undefined) return 'different';
  if (isLeftOut(step, side) || isLeftOut(other, side)) return 'unknown';
  return isSame(plain(step[side]), plain(other[side])) ? 'same' : 'different';
}

function isLeftOut(step: Step, side: Side): boolean {
  return step.left_out.includes(side);
}

function placeOf({ node, iteration }: Step): string {
  return `${iteration} ${node}`;
}

/** Items as readers see them: which item one came from is of no use. The same file has the same id. */
function plain(payload: Json): Json {
  if (typeof payload !== 'object' || payload === null) return payload;
  return Object.fromEntries(
    Object.entries(payload).map(([name, items]: [string, unknown]) => [
      name,
      Array.isArray(items) ? items.map(plainItem) : items,
    ]),
  );
}

function plainItem(item: unknown): unknown {
  if (typeof item !== 'object' || item === null || !('json' in item)) return item;
  const { json, binary = null } = item as { json: Json; binary?: object | null };
  return binary === null || Object.keys(binary).length === 0 ? json : { json, files: binary };
}
