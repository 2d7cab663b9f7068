import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { ME, pageOf, run } from '../test/renderApp';
import { openRun } from './runPage.fixture';

test('a retry may begin with other input, on the published version', async () => {
  const trigger = { output_json: { main: [{ json: { n: 1 } }] } };
  const app = await openRun({
    'GET /runs/r1': run({ status: 'completed' }),
    'GET /runs/r1/steps': pageOf(trigger),
    'POST /runs/r1/retry': run({ id: 'r2' }),
    'GET /runs/r2': run({ id: 'r2', retry_of: 'r1' }),
  });
  await app.user.click(screen.getByRole('button', { name: 'Retry' }));
  await app.user.click(await screen.findByRole('menuitem', { name: /Otherwise/ }));
  const input = await screen.findByRole('textbox', { name: 'Input' });
  expect(input).toHaveValue('[\n  {\n    "json": {\n      "n": 1\n    }\n  }\n]');
  await app.user.clear(input);
  await app.user.type(input, '[[]');
  const dialog = screen.getByRole('dialog');
  await app.user.click(within(dialog).getByRole('button', { name: 'Retry' }));
  await waitFor(() => expect(app.sent('POST /runs/r1/retry')).toHaveLength(1));
  expect(app.sent('POST /runs/r1/retry')[0]?.body).toBe(
    '{"from":"start","version":"same","input":[]}',
  );
});

test('a retry begins only at steps that ran', async () => {
  const app = await openRun({
    'GET /runs/r1': run({ status: 'failed' }),
    'GET /runs/r1/steps': pageOf(
      { node: 'n1', status: 'completed', output_json: { main: [{ json: {} }] } },
      { node: 'n2', status: 'skipped', output_json: null },
    ),
  });
  await app.user.click(screen.getByRole('button', { name: 'Retry' }));
  await app.user.click(await screen.findByRole('menuitem', { name: /Otherwise/ }));
  await app.user.click(await screen.findByRole('combobox', { name: 'Begin at' }));
  expect(await screen.findByRole('option', { name: 'Hook' })).toBeInTheDocument();
  expect(screen.queryByRole('option', { name: 'Call the API' })).toBeNull();
});

test('of an input that is too large for a list a retry shows nothing, and changes nothing', async () => {
  const app = await openRun({
    'GET /runs/r1': run({ status: 'completed' }),
    'GET /runs/r1/steps': pageOf({ output_json: null, left_out: ['output_json'] }),
    'POST /runs/r1/retry': run({ id: 'r2' }),
    'GET /runs/r2': run({ id: 'r2', retry_of: 'r1' }),
  });
  await app.user.click(screen.getByRole('button', { name: 'Retry' }));
  await app.user.click(await screen.findByRole('menuitem', { name: /Otherwise/ }));
  expect(await screen.findByRole('textbox', { name: 'Input' })).toHaveValue('');
  const dialog = screen.getByRole('dialog');
  await app.user.click(within(dialog).getByRole('button', { name: 'Retry' }));
  await waitFor(() => expect(app.sent('POST /runs/r1/retry')).toHaveLength(1));
  expect(app.sent('POST /runs/r1/retry')[0]?.body).toBe('{"from":"start","version":"same"}');
});

test('a cancel says how far it has come', async () => {
  await openRun({
    'GET /runs/r1': run({
      id: 'r1',
      status: 'running',
      cancel: {
        asked_at: '2026-01-01T00:00:00Z',
        asked_by: 'u2',
        asked_by_email: 'ada@example.test',
        acknowledged_at: '2026-01-01T00:00:01Z',
        forced_at: null,
      },
    }),
  });
  expect(await screen.findByText('The run comes to its end')).toBeVisible();
  expect(screen.getByText(/Asked by ada@example.test/)).toBeVisible();
  expect(screen.getByRole('button', { name: 'Cancelling…' })).toBeDisabled();
});

test('a running run is cancelled after a second look', async () => {
  const app = await openRun({ 'POST /runs/r1/cancel': {} });
  await app.user.click(screen.getByRole('button', { name: 'Cancel run' }));
  expect(await screen.findByRole('button', { name: 'Close' })).toBeVisible();
  await app.user.click(await screen.findByRole('button', { name: 'Cancel it' }));
  expect(await screen.findByRole('button', { name: 'Cancelling…' })).toBeDisabled();
  await waitFor(() => expect(app.sent('POST /runs/r1/cancel')).toHaveLength(1));
});

test('a failed run is retried from the failed step, and the new run is shown', async () => {
  const app = await openRun({
    'GET /runs/r1': run({ status: 'failed', error_message: 'It broke.' }),
    'POST /runs/r1/retry': run({ id: 'r2' }),
    'GET /runs/r2': run({ id: 'r2', retry_of: 'r1' }),
  });
  expect(screen.getByRole('alert')).toHaveTextContent('It broke.');
  await app.user.click(screen.getByRole('button', { name: 'Retry' }));
  await app.user.click(await screen.findByRole('menuitem', { name: /From the failed step/ }));
  await waitFor(() => expect(app.path()).toBe('/runs/r2'));
  expect(app.sent('POST /runs/r1/retry')[0]?.body).toBe('{"from":"failed"}');
  expect(await screen.findByRole('link', { name: 'retries an earlier run' })).toBeVisible();
});

const waiting = run({
  status: 'waiting',
  waiting_for: [{ step: 's2', node: 'n2', for: 'decision', until: null }],
});

test('a step whose end nobody knows is run again if somebody says so', async () => {
  const app = await openRun({ 'GET /runs/r1': waiting, 'POST /runs/r1/resume': {} });
  expect(await screen.findByText(/needs a decision/)).toBeVisible();
  await app.user.click(screen.getByRole('button', { name: 'Run again' }));
  await waitFor(() =>
    expect(app.sent('POST /runs/r1/resume')[0]?.body).toBe('{"step":"s2","decision":"run_again"}'),
  );
});

test('items that somebody knows stand in for the lost step, exactly as typed', async () => {
  const app = await openRun({ 'GET /runs/r1': waiting, 'POST /runs/r1/resume': {} });
  await app.user.click(await screen.findByRole('button', { name: 'Use these items…' }));
  const items = await screen.findByLabelText('Items');
  await app.user.clear(items);
  expect(screen.getByRole('button', { name: 'Use the items' })).toBeDisabled();
  await app.user.click(items);
  await app.user.paste('[{"id": 98765432109876543210}]');
  await app.user.click(screen.getByRole('button', { name: 'Use the items' }));
  await waitFor(() =>
    expect(app.sent('POST /runs/r1/resume')[0]?.body).toBe(
      '{"step":"s2","decision":"use","items":[{"id": 98765432109876543210}]}',
    ),
  );
});

test('what a step asks for is approved with a comment', async () => {
  const asks = { question: 'Refund order 7?', details: 'Ada wants it back.' };
  const app = await openRun({
    'GET /runs/r1': run({
      status: 'waiting',
      waiting_for: [{ step: 's2', node: 'n2', for: 'approval', until: null, asks }],
    }),
    'POST /runs/r1/resume': {},
  });
  expect(await screen.findByText('Refund order 7?')).toBeVisible();
  expect(screen.getByText('Ada wants it back.')).toBeVisible();
  await app.user.type(screen.getByLabelText('Comment'), 'Fine.');
  await app.user.click(screen.getByRole('button', { name: 'Approve' }));
  await waitFor(() =>
    expect(app.sent('POST /runs/r1/resume')[0]?.body).toBe(
      '{"step":"s2","decision":"approve","comment":"Fine."}',
    ),
  );
});

test('who was not asked cannot decide what is for others alone', async () => {
  const asks = { question: 'Refund order 7?', details: '', only: ['boss@example.org'] };
  await openRun({
    'GET /runs/r1': run({
      status: 'waiting',
      waiting_for: [{ step: 's2', node: 'n2', for: 'approval', until: null, asks }],
    }),
  });
  expect(await screen.findByText(/Only those who were asked.*boss@example.org/)).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Approve' })).toBeNull();
});

test('a viewer sees the run, and no deed', async () => {
  await openRun({
    'GET /me': { ...ME, workspaces: [{ id: 'w1', name: 'Demo', role: 'viewer' }] },
    'GET /runs/r1': waiting,
  });
  expect(await screen.findByText(/An operator of this workspace can decide/)).toBeVisible();
  for (const name of ['Cancel run', 'Retry', 'Run again']) {
    expect(screen.queryByRole('button', { name })).toBeNull();
  }
});
