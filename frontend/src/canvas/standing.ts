import type { StepState } from '../runs/events';

/** How the latest activation stands, and from the second on which it is. */
export function standingOf(step: StepState | undefined): string {
  if (step === undefined) return 'not run';
  const status = step.copied ? 'taken over' : step.status;
  return step.iteration === 0 ? status : `${status} #${step.iteration + 1}`;
}
