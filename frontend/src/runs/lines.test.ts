import { expect, test } from 'vitest';
import type { RunEvent } from './events';
import { lineOf, matches } from './lines';

const line = (event: Partial<RunEvent>) =>
  lineOf(
    { event: 'step_log', run: 'r', seq: 1, at: '2026-01-01T00:00:00Z', ...event },
    (node) => ({ n1: 'Call the API' })[node] ?? node,
  );

const step = { step: 's1', node: 'n1', iteration: 0 };

test.each<[Partial<RunEvent>, string, string]>([
  [{ event: 'run_started' }, 'plain', 'Run started'],
  [{ event: 'run_finished', status: 'completed' }, 'good', 'Run completed'],
  [{ event: 'run_finished', status: 'failed', error: 'It broke.' }, 'bad', 'Run failed: It broke.'],
  [{ event: 'run_finished', status: 'cancelled' }, 'warn', 'Run cancelled'],
  [{ event: 'run_waiting', for: 'decision' }, 'warn', 'Waiting for a decision'],
  [{ event: 'step_started', attempt: 1 }, 'muted', 'Started'],
  [{ event: 'step_started', attempt: 3 }, 'muted', 'Started, attempt 3'],
  [{ event: 'step_log', level: 'warning', text: 'Slow.' }, 'warn', 'Slow.'],
  [
    { event: 'step_succeeded', duration_ms: 12, items: { true: 1, false: 2 } },
    'good',
    'Completed in 12 ms → true: 1 item, false: 2 items',
  ],
  [
    { event: 'step_succeeded', copied: true, duration_ms: 12, items: { main: 2 } },
    'muted',
    'Taken over → main: 2 items',
  ],
  [
    { event: 'step_failed', error: { code: 'x', message: 'No answer', hint: 'Look at the URL.' } },
    'bad',
    'Failed: No answer. Look at the URL.',
  ],
  [
    { event: 'step_failed', duration_ms: 12, error: { code: 'cancelled', message: 'Cancelled.' } },
    'muted',
    'Stopped after 12 ms: Cancelled.',
  ],
])('%o is told in tone "%s" as "%s"', (event, tone, text) => {
  expect(line(event)).toMatchObject({ tone, text });
});

test('a line names its node, and the activation from the second on', () => {
  expect(line(step).node).toBe('Call the API');
  expect(line({ ...step, iteration: 2 }).node).toBe('Call the API #3');
});

test('the filter wants all its words, wherever they are', () => {
  const told = line({ ...step, text: 'Got 200 OK' });
  expect(matches(told, 'api ok')).toBe(true);
  expect(matches(told, 'api 404')).toBe(false);
  expect(matches(told, '')).toBe(true);
});
