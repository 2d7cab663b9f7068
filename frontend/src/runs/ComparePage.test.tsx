import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { pageOf, Problem, renderApp, run } from '../test/renderApp';

const step = (node: string, n: number, rest: object = {}) => ({
  id: `${node}${n}`,
  node,
  iteration: 0,
  status: 'completed',
  started_at: '2026-01-01T00:00:00.000Z',
  finished_at: '2026-01-01T00:00:01.000Z',
  copied_from: null,
  error: null,
  error_code: '',
  left_out: [],
  input_json: null,
  output_json: { main: [{ json: { n } }] },
  ...rest,
});
const NODES = [
  { id: 'a', type: 'manual', name: 'Start', params: {} },
  { id: 'b', type: 'http_call', name: 'Call', params: {} },
];

function opened(path: string) {
  return renderApp(path, {
    'GET /runs/r1': run({ status: 'failed' }),
    'GET /runs/r0': run({ id: 'r0', status: 'completed' }),
    'GET /runs': ({ query }: { query: URLSearchParams }) =>
      query.get('status') === 'completed'
        ? pageOf(run({ id: 'r0', status: 'completed' }))
        : pageOf(run({ status: 'failed' }), run({ id: 'r0', status: 'completed' })),
    'GET /runs/r1/steps': pageOf(
      step('a', 1),
      step('b', 2, { status: 'failed', error: 'It broke.', output_json: null }),
    ),
    'GET /runs/r0/steps': pageOf(step('a', 1), step('b', 2)),
    'GET /workflows/f1/versions/3': { graph: { nodes: NODES, edges: [] } },
    'GET /node-types': { results: [] },
  });
}

test('a run is compared with the last that succeeded, step by step', async () => {
  const { user } = opened('/runs/r1/compare');
  expect(await screen.findByText('1 of 2 steps differ')).toBeInTheDocument();
  const steps = screen.getByRole('list', { name: 'Steps' });
  expect(within(steps).getByRole('button', { name: /Start.*the same/ })).toBeInTheDocument();
  await user.click(within(steps).getByRole('button', { name: /Call.*Failed.*Completed/ }));
  expect(screen.getByText('It broke.').tagName).toBe('INS');
  const output = screen.getByRole('region', { name: 'Output' });
  expect(output).toHaveTextContent('"n": 2');
  expect(screen.getByRole('region', { name: 'Input' })).toHaveTextContent('The same in both.');
});

test('only what differs is shown where that is asked for', async () => {
  const { user } = opened('/runs/r1/compare/r0');
  await user.click(await screen.findByRole('switch', { name: 'Only differences' }));
  await waitFor(() => expect(screen.queryByRole('button', { name: /Start/ })).toBeNull());
  expect(screen.getByRole('button', { name: /Call/ })).toBeInTheDocument();
});

test('a run that is the only good one is alone until another is chosen', async () => {
  const { answer } = opened('/runs/r0/compare');
  answer('GET /runs', pageOf(run({ id: 'r0', status: 'completed' })));
  expect(await screen.findByText('No other run has succeeded yet')).toBeInTheDocument();
});

test('what is compared stays though the runs cannot be read again', async () => {
  const app = opened('/runs/r1/compare');
  await app.user.click(await screen.findByRole('button', { name: /Call.*Failed.*Completed/ }));
  const away = new Problem(429, 'Too many requests.');
  for (const path of ['runs', 'runs/r0', 'runs/r1', 'runs/r0/steps', 'runs/r1/steps'])
    app.answer(`GET /${path}`, away);
  app.readAgain();
  expect(await screen.findAllByRole('alert')).not.toHaveLength(0);
  expect(screen.getByRole('region', { name: 'Output' })).toHaveTextContent('"n": 2');
});
