import { screen, waitFor } from '@testing-library/react';
import { expect } from 'vitest';
import { renderApp, run } from '../test/renderApp';

export const GRAPH = {
  nodes: [
    { id: 'n1', type: 'webhook', name: 'Hook', params: {}, position: [0, 0] },
    { id: 'n2', type: 'http_call', name: 'Call the API', params: {}, position: [300, 0] },
  ],
  edges: [{ source: 'n1', source_output: 'main', target: 'n2', target_input: 'main' }],
};

export const STEP = {
  id: 's2',
  run: 'r1',
  node: 'n2',
  iteration: 0,
  status: 'completed',
  started_at: '2026-01-01T00:00:01.000Z',
  finished_at: '2026-01-01T00:00:02.000Z',
  retry_count: 0,
  attempts: [{ n: 1, seq: 4, at: '2026-01-01T00:00:01.000Z', error: null, worker: 'w' }],
  log: [],
  error: null,
  error_code: null,
  output_counts: { main: 1 },
  copied_from: null,
  input_json: { main: [{ json: { asked: 'this' } }] },
  output_json: { main: [{ json: { answered: 'that' } }] },
};

export const EVENTS = [
  { event: 'run_started' },
  { event: 'step_started', step: 's1', node: 'n1', attempt: 1, status: 'running' },
  { event: 'step_succeeded', step: 's1', node: 'n1', attempt: 1, items: { main: 1 } },
  { event: 'step_started', step: 's2', node: 'n2', attempt: 1, status: 'running' },
  { event: 'step_succeeded', step: 's2', node: 'n2', attempt: 1, items: { main: 1 } },
  { event: 'run_finished', status: 'completed' },
].map((event, index) => ({
  run: 'r1',
  seq: index + 1,
  at: `2026-01-01T00:00:0${index}.000Z`,
  iteration: 0,
  ...event,
}));

/** The page of a run, once it follows it. */
export async function openRun(answers: Parameters<typeof renderApp>[1] = {}) {
  const app = renderApp('/runs/r1', {
    'GET /runs/r1': run(),
    'GET /workflows/f1/versions/3': { graph: GRAPH },
    'GET /runs/r1/steps/s2': STEP,
    ...answers,
  });
  await screen.findByRole('link', { name: 'Handle webhooks' });
  await waitFor(() => expect(app.socket().sent).toContainEqual({ follow: 'r1', after: 0 }));
  return app;
}

export const told = (from: number, to: number) => EVENTS.slice(from, to);
