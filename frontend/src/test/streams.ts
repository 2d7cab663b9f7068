import fc from 'fast-check';
import type { RunEvent } from '../runs/events';

/** Event streams of runs: steps that start, log, retry, wait and end, interleaved at random. */
export const eventsOf: fc.Arbitrary<RunEvent[]> = fc
  .array(
    fc.record({
      node: fc.constantFrom('a', 'b', 'c'),
      iteration: fc.nat(2),
      name: fc.constantFrom(
        'step_started',
        'step_retrying',
        'step_log',
        'step_succeeded',
        'step_failed',
        'step_skipped',
        'run_waiting',
        'run_resumed',
      ),
      attempt: fc.integer({ min: 1, max: 3 }),
    }),
    { minLength: 1, maxLength: 60 },
  )
  .map((lines) => [
    { event: 'run_started', run: 'r', seq: 1, at: at(1) },
    ...lines.map((line, index) => told(line, index + 2)),
    {
      event: 'run_finished',
      run: 'r',
      seq: lines.length + 2,
      at: at(lines.length + 2),
      status: 'completed',
    },
  ]);

function at(seq: number): string {
  return new Date(Date.UTC(2026, 0, 1) + seq * 100).toISOString();
}

function told(
  line: { node: string; iteration: number; name: string; attempt: number },
  seq: number,
): RunEvent {
  return {
    event: line.name as RunEvent['event'],
    run: 'r',
    seq,
    at: at(seq),
    step: `${line.node}${line.iteration}`,
    node: line.node,
    iteration: line.iteration,
    attempt: line.attempt,
    ...(line.name === 'run_waiting' ? { for: 'delay', until: at(seq + 50) } : {}),
    ...(line.name === 'step_failed' ? { error: { code: 'x', message: 'It broke.' } } : {}),
  };
}
