import type { GraphNode } from '../api/types';

type Params = GraphNode['params'];

/** What becomes of times at which FlowForge was not running, in words. */
export function missedOf({ missed, missed_most }: Params): string {
  switch (missed ?? 'last') {
    case 'last':
      return 'One run for the last of them';
    case 'skip':
      return 'Left out';
    case 'all':
      return `A run for each, up to the last ${Number(missed_most ?? 10)}`;
    default:
      return String(missed);
  }
}

/** What becomes of a time at which the run before has not ended, in words. */
export function overlapOf({ overlap }: Params): string {
  switch (overlap ?? 'allow') {
    case 'allow':
      return 'The next one begins beside it';
    case 'skip':
      return 'The next one is left out';
    case 'queue':
      return 'The next one waits for it';
    case 'cancel':
      return 'It is cancelled for the next one';
    default:
      return String(overlap);
  }
}
