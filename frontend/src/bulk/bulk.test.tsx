import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { BulkJobDetail } from '../api/types';
import { listed, ME, pageOf, Problem, renderApp, run, workflow } from '../test/renderApp';

const job = (rest: Partial<BulkJobDetail> = {}): BulkJobDetail => ({
  id: 'j1',
  workspace: 'w1',
  deed: 'retry',
  from: 'failed',
  version: 'same',
  note: '',
  filter: {},
  status: 'running',
  stopped_because: '',
  created_by: 'u1',
  created_at: '2026-01-01T00:00:00.000Z',
  finished_at: null,
  runs: { to_do: 47, done: 0, refused: 0 },
  refusals: [],
  ...rest,
});

const COUNTED = {
  runs: 47,
  steps: 312,
  effects: [
    { type: 'http_call', label: 'HTTP Call', count: 12 },
    { type: 'email', label: 'Email', count: 5 },
  ],
};

/** The server, which counts where a dry run is asked for, and else begins. */
function answers(rest: object = {}) {
  return {
    'GET /runs': pageOf(run({ status: 'failed' })),
    'GET /workflows': pageOf(listed()),
    'GET /workflows/f1': workflow(),
    'POST /workspaces/w1/bulk-jobs': ({ body }: { body: string | null }) =>
      isDry(body) ? COUNTED : job(),
    'GET /bulk-jobs/j1': job({ runs: { to_do: 40, done: 7, refused: 0 } }),
    ...rest,
  };
}

const isDry = (body: string | null) =>
  (JSON.parse(body ?? '{}') as { dry_run?: boolean }).dry_run === true;

test('what would be repeated is counted before it is done to all that the filters find', async () => {
  const app = renderApp('/runs?status=failed&workflow=f1', answers());
  await app.user.click(await screen.findByRole('button', { name: 'Act on all…' }));
  const dialog = await screen.findByRole('dialog');
  expect(await within(dialog).findByText('All failed runs of “Handle webhooks”.')).toBeVisible();
  expect(await within(dialog).findByText('47 runs, 312 steps executed again')).toBeVisible();
  expect(within(dialog).getByText('Email: 5 steps')).toBeVisible();
  await app.user.click(within(dialog).getByRole('button', { name: 'Retry 47 runs' }));
  expect(await screen.findByText('Retrying runs: 7 of 47 runs done')).toBeVisible();
  expect(screen.queryByRole('dialog')).toBeNull();
  expect(app.path()).toBe('/runs?status=failed&workflow=f1&job=j1');
  const [dry, begun] = app.sent('POST /workspaces/w1/bulk-jobs');
  const asked = {
    deed: 'retry',
    from: 'failed',
    version: 'same',
    filter: { status: ['failed'], workflow: 'f1' },
  };
  expect(JSON.parse(dry?.body ?? '')).toEqual({ ...asked, dry_run: true });
  expect(JSON.parse(begun?.body ?? '')).toEqual(asked);
  expect(begun?.headers.get('Idempotency-Key')).toBeTruthy();
});

test('another deed is counted anew, and a cancel names no version', async () => {
  const app = renderApp('/runs', answers());
  await app.user.click(await screen.findByRole('button', { name: 'Act on all…' }));
  await app.user.click(await screen.findByRole('combobox', { name: 'Do' }));
  await app.user.click(await screen.findByRole('option', { name: /^Cancel/ }));
  expect(await screen.findByRole('button', { name: 'Cancel 47 runs' })).toBeVisible();
  expect(screen.queryByRole('combobox', { name: 'On' })).toBeNull();
  const last = app.sent('POST /workspaces/w1/bulk-jobs').at(-1);
  expect(JSON.parse(last?.body ?? '')).toEqual({ deed: 'cancel', filter: {}, dry_run: true });
});

test('where it can be done to none, nothing can be begun', async () => {
  const none = { runs: 0, steps: 0, effects: [] };
  const app = renderApp('/runs', answers({ 'POST /workspaces/w1/bulk-jobs': none }));
  await app.user.click(await screen.findByRole('button', { name: 'Act on all…' }));
  expect(await screen.findByText(/^None of them failed/)).toBeVisible();
  expect(screen.getByRole('button', { name: 'Retry 0 runs' })).toBeDisabled();
});

test('what the server says against the count is told', async () => {
  const refusal = new Problem(422, 'It finds more than 100,000 runs; narrow it.');
  const app = renderApp('/runs', answers({ 'POST /workspaces/w1/bulk-jobs': refusal }));
  await app.user.click(await screen.findByRole('button', { name: 'Act on all…' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('more than 100,000 runs');
  expect(screen.getByRole('button', { name: 'Retry' })).toBeDisabled();
});

test('a job is stopped, tells what was refused, and is put away', async () => {
  const stopped = job({
    status: 'stopped',
    runs: { to_do: 30, done: 16, refused: 1 },
    refusals: [{ run: 'r-12345678', error: 'The run is deleted.' }],
  });
  const app = renderApp('/runs?job=j1', answers({ 'POST /bulk-jobs/j1/stop': stopped }));
  app.answer('GET /bulk-jobs/j1', job());
  await app.user.click(await screen.findByRole('button', { name: 'Stop' }));
  expect(await screen.findByText('Stopped: 16 of 47 runs retried')).toBeVisible();
  expect(screen.getByText('1 run refused')).toBeVisible();
  expect(screen.getByText(/The run is deleted/)).toBeInTheDocument();
  await app.user.click(screen.getByRole('button', { name: 'Close' }));
  await waitFor(() => expect(app.path()).toBe('/runs'));
});

test('a job that somebody else began is seen too', async () => {
  renderApp('/runs', answers({ 'GET /workspaces/w1/bulk-jobs': pageOf(job()) }));
  expect(await screen.findByText('Retrying runs: 7 of 47 runs done')).toBeVisible();
});

test('a viewer is offered neither to begin nor to stop', async () => {
  const me = { ...ME, workspaces: [{ id: 'w1', name: 'Demo', role: 'viewer' as const }] };
  renderApp('/runs?job=j1', answers({ 'GET /me': me }));
  expect(await screen.findByText('Retrying runs: 7 of 47 runs done')).toBeVisible();
  expect(screen.queryByRole('button', { name: /Act on all|Stop/ })).toBeNull();
});
