import type { StepState } from '../runs/events';
import type { ShownRun } from './useShownRun';

/** What a node did last in the run that is shown. */
export interface LastStep {
  run: string;
  step: StepState;
  /** All steps of the node. */
  siblings: StepState[];
  onSelect: (step: string) => void;
}

/** The step of the node that was chosen, or else its latest. */
export function lastOf(
  run: ShownRun | null,
  node: string,
  chosen: string | null,
  onSelect: (step: string) => void,
): LastStep | null {
  if (run === null) return null;
  const { steps, latest } = run.state;
  const one = chosen === null ? undefined : steps.get(chosen);
  const step = one?.node === node ? one : latest.get(node);
  if (step === undefined) return null;
  const siblings = [...steps.values()].filter((each) => each.node === node);
  return { run: run.id, step, siblings, onSelect };
}
