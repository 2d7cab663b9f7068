import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { listed, ME, NOT_HELD, pageOf, renderApp, run, workflow } from '../test/renderApp';

const HELD = {
  held: true,
  reason: 'Month end',
  by: 'bob@example.org',
  since: '2026-01-01T00:00:00.000Z',
};
const ADMIN = { ...ME, workspaces: [{ id: 'w1', name: 'Demo', role: 'admin' as const }] };
const VIEWER = { ...ME, workspaces: [{ id: 'w1', name: 'Demo', role: 'viewer' as const }] };

const START = { id: 'start', type: 'manual', name: 'Start', params: {}, position: [0, 0] };

const answers = (rest: object = {}) => ({
  'GET /runs': pageOf(run()),
  'GET /workflows': pageOf(listed()),
  'GET /workflows/f1': workflow(),
  'GET /workflows/f1/versions/3': { graph: { nodes: [START], edges: [] } },
  ...rest,
});

test('a workflow is paused with a reason, and resumed', async () => {
  const app = renderApp('/workflows/f1', answers());
  await app.user.click(await screen.findByRole('button', { name: 'Pause…' }));
  const dialog = await screen.findByRole('dialog');
  await app.user.type(within(dialog).getByLabelText('Reason'), 'Month end');
  app.answer('PUT /workflows/f1/hold', HELD);
  app.answer('GET /workflows/f1/hold', HELD);
  await app.user.click(within(dialog).getByRole('button', { name: 'Pause' }));
  expect(await screen.findByText(/The workflow is paused/)).toHaveTextContent('Month end');
  expect(screen.getByText(/By bob@example.org/)).toHaveTextContent('since Jan 1');
  expect(app.sent('PUT /workflows/f1/hold')[0]?.body).toBe('{"reason":"Month end"}');
  expect(screen.queryByRole('button', { name: 'Pause…' })).toBeNull();

  app.answer('DELETE /workflows/f1/hold', {});
  app.answer('GET /workflows/f1/hold', NOT_HELD);
  await app.user.click(screen.getByRole('button', { name: 'Resume' }));
  expect(await screen.findByRole('button', { name: 'Pause…' })).toBeVisible();
  expect(app.sent('DELETE /workflows/f1/hold')).toHaveLength(1);
});

test('the pages of runs and of a workflow tell that the workspace is paused', async () => {
  const held = answers({ 'GET /workspaces/w1/hold': HELD });
  const app = renderApp('/runs', held);
  expect(await screen.findByText(/The workspace is paused/)).toBeVisible();
  await app.user.click(await screen.findByRole('link', { name: 'Workflows' }));
  await app.user.click(await screen.findByRole('link', { name: 'Handle webhooks' }));
  expect(await screen.findByText(/The workspace is paused/)).toBeVisible();
});

test('the page of runs tells that the workflow is paused whose runs it lists', async () => {
  renderApp('/runs?workflow=f1', answers({ 'GET /workflows/f1/hold': HELD }));
  expect(await screen.findByText(/The workflow is paused/)).toBeVisible();
});

test.each(['/runs', '/workflows', '/credentials', '/schedules'])(
  '%s tells that everything is paused as soon as it is, and of its end',
  async (path) => {
    const app = renderApp(path, {
      ...answers(),
      'GET /credentials': pageOf(),
      'GET /schedules': pageOf(),
    });
    await waitFor(() => expect(app.sent('GET /hold')).toHaveLength(1));
    expect(screen.queryByText(/Everything is paused/)).toBeNull();
    app.socket().accept();
    app.answer('GET /hold', HELD);
    app.socket().tell({ event: 'hold', what: 'everything', id: '0' });
    expect(await screen.findByText(/Everything is paused/)).toHaveTextContent('Month end');
    expect(screen.getByText(/By bob@example.org/)).toHaveTextContent('No run begins');
    expect(screen.queryByRole('button', { name: 'Resume' })).toBeNull();
    app.answer('GET /hold', NOT_HELD);
    app.socket().tell({ event: 'hold', what: 'everything', id: '0' });
    await waitFor(() => expect(screen.queryByText(/Everything is paused/)).toBeNull());
  },
);

test('only an admin pauses a workspace', async () => {
  const app = renderApp('/runs', answers({ 'GET /me': ADMIN }));
  await app.user.click(await screen.findByRole('button', { name: 'Pause workspace…' }));
  app.answer('PUT /workspaces/w1/hold', HELD);
  app.answer('GET /workspaces/w1/hold', HELD);
  await app.user.click(await screen.findByRole('button', { name: 'Pause' }));
  expect(await screen.findByText(/The workspace is paused/)).toBeVisible();
});

test('an editor is not offered to pause or resume a workspace', async () => {
  renderApp('/runs', answers({ 'GET /workspaces/w1/hold': HELD }));
  expect(await screen.findByText(/The workspace is paused/)).toBeVisible();
  expect(screen.queryByRole('button', { name: /Pause|Resume/ })).toBeNull();
});

test('a viewer is not offered to pause a workflow', async () => {
  const app = renderApp('/workflows/f1', answers({ 'GET /me': VIEWER }));
  await waitFor(() => expect(app.sent('GET /workflows/f1/hold')).not.toHaveLength(0));
  expect(screen.queryByRole('button', { name: 'Pause…' })).toBeNull();
});

test('a run that waits for the end of a pause says so, at which place, and who paused it', async () => {
  const waits_for = {
    reason: 'hold' as const,
    since: HELD.since,
    place: 3,
    until: null,
    told: 'Its workflow is paused: Month end',
  };
  renderApp(
    '/runs/r1',
    answers({
      'GET /runs/r1': run({ status: 'pending', waits_for }),
      'GET /workflows/f1/hold': HELD,
    }),
  );
  const told = await screen.findByText(/Its workflow is paused: Month end/);
  expect(told).toHaveTextContent('place 3 in line');
  expect(await screen.findByText(/By bob@example.org/)).toBeVisible();
  expect(screen.queryByText(/waits for a worker/)).toBeNull();
});
