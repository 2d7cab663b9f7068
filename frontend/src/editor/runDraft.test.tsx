import { screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import type { Graph } from '../api/types';
import { opened } from '../test/editor';
import { Problem, run } from '../test/renderApp';

const RUNS = 'POST /workflows/f1/runs';
const HOOK = { id: 'h', type: 'webhook', name: 'Orders', params: { path: 'a' }, position: [0, 0] };
const CALL = { id: 'c', type: 'http_call', name: 'Call', params: { url: 'a' }, position: [400, 0] };
const EDGES = [{ source: 'h', source_output: 'main', target: 'c', target_input: 'main' }];

beforeEach(() => window.sessionStorage.clear());

async function openedAt(hook: object = HOOK) {
  const app = opened({ nodes: [hook, CALL], edges: EDGES } as Graph);
  app.answer(RUNS, run({ id: 'r9', status: 'pending' }));
  app.answer('GET /runs/r9', run({ id: 'r9', status: 'pending' }));
  await screen.findByRole('group', { name: /^Orders/ });
  await screen.findByText(/^Webhook/);
  return app;
}

const bodies = (app: { sent: (name: string) => { body: string | null }[] }) =>
  app.sent(RUNS).map(({ body }) => body);

test('a draft that begins at a webhook asks for a request, and takes the same again', async () => {
  const app = await openedAt();
  const runDraft = screen.getByRole('button', { name: 'Run the draft' });
  await app.user.click(runDraft);
  const dialog = await screen.findByRole('dialog', { name: 'Run the draft' });
  const input = within(dialog).getByLabelText('Input');
  await app.user.clear(input);
  await app.user.click(input);
  await app.user.paste('{"body": {"id": 12345678901234567890}}');
  await app.user.click(within(dialog).getByRole('button', { name: 'Run' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  await app.user.click(runDraft);
  const asked = '{"version":"draft","input":{"body": {"id": 12345678901234567890}}}';
  await waitFor(() => expect(bodies(app)).toEqual([asked, asked]));

  await app.user.click(screen.getByRole('button', { name: 'Run with input…' }));
  expect(await screen.findByLabelText('Input')).toHaveValue(
    '{"body": {"id": 12345678901234567890}}',
  );
});

test('who only wants to run it presses Enter', async () => {
  const app = await openedAt();
  await app.user.keyboard('{Control>}{Enter}{/Control}');
  const dialog = await screen.findByRole('dialog', { name: 'Run the draft' });
  await waitFor(() => expect(within(dialog).getByRole('button', { name: 'Run' })).toHaveFocus());
  await app.user.keyboard('{Enter}');
  await waitFor(() => expect(bodies(app)).toEqual(['{"version":"draft","input":{}}']));
});

test('a run to a node asks for the same, and what is refused is told where it was asked', async () => {
  const app = await openedAt();
  app.answer(RUNS, new Problem(422, 'The run cannot be started.'));
  await app.user.keyboard('{ArrowRight}{ArrowRight}');
  expect(await screen.findByDisplayValue('Call')).toBeInTheDocument();
  await app.user.keyboard('{Control>}k{/Control}');
  await app.user.keyboard('run to here{Enter}');
  const dialog = await screen.findByRole('dialog', { name: 'Run the draft' });
  await app.user.click(within(dialog).getByRole('button', { name: 'Run' }));
  expect(await within(dialog).findByRole('alert')).toHaveTextContent('The run cannot be started.');
  expect(bodies(app)).toEqual(['{"version":"draft","stop_node":"c","input":{}}']);
});

test('a trigger that is pinned is asked for nothing', async () => {
  const app = await openedAt({ ...HOOK, pinned: { main: [{ json: { body: 1 } }] } });
  await app.user.click(screen.getByRole('button', { name: 'Run the draft' }));
  await waitFor(() => expect(bodies(app)).toEqual(['{"version":"draft"}']));
});
