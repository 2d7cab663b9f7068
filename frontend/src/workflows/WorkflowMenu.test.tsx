import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { listed, ME, pageOf, Problem, renderApp, workflow } from '../test/renderApp';

const GRAPH = { schema: 1, nodes: [], edges: [], settings: {} };

async function opened(answers: Parameters<typeof renderApp>[1] = {}, row = listed()) {
  const app = renderApp('/workflows', { 'GET /workflows': pageOf(row), ...answers });
  await app.user.click(await screen.findByRole('button', { name: `More about ${row.name}` }));
  return app;
}

test('a list tells of each workflow its last run, when it fires next, and that it is paused', async () => {
  const last_run = { id: 'r9', status: 'failed', created_at: '2026-01-02T10:00:00.000Z' } as const;
  const row = listed({ last_run, next_run_at: '2036-03-04T09:30:00.000Z', held: true });
  renderApp('/workflows', { 'GET /workflows': pageOf(row) });
  const shown = await screen.findByRole('row', { name: /Handle webhooks/ });
  const link = within(shown).getByRole('link', { name: /^Last run: failed/ });
  expect(link).toHaveAttribute('href', '/runs/r9');
  expect(within(shown).getByText(/Mar 4, 2036/)).toBeVisible();
  expect(within(shown).getByText('Paused')).toBeVisible();
});

test('a tag leads to the workflows that have it, and stands in the address', async () => {
  const app = renderApp('/workflows', {
    'GET /workflows': pageOf(listed({ tags: ['month end'] })),
    'GET /workspaces/w1/workflow-tags': { results: ['month end', 'ops'] },
  });
  await app.user.click(await screen.findByRole('link', { name: 'Tag month end' }));
  await waitFor(() => expect(app.path()).toBe('/workflows?tag=month%20end'));
  expect(app.sent('GET /workflows').at(-1)?.query.get('tag')).toBe('month end');
  expect(screen.getByRole('combobox', { name: 'Tag' })).toHaveValue('month end');
});

test('a workflow is renamed and tagged', async () => {
  const app = await opened({ 'PATCH /workflows/f1': workflow({ tags: ['ops'] }) });
  await app.user.click(await screen.findByRole('menuitem', { name: 'Name and tags…' }));
  await app.user.type(await screen.findByRole('combobox', { name: 'Tags' }), 'Ops{Enter}');
  await app.user.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(app.sent('PATCH /workflows/f1')[0]?.body).toBe('{"tags":["ops"]}'));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});

test('a duplicate has the draft of the first, and its canvas is opened', async () => {
  const app = await opened({
    'GET /workflows/f1/draft': { graph: GRAPH, revision: 4, errors: [], warnings: [], ports: {} },
    'POST /workflows': workflow({ id: 'f7' }),
  });
  await app.user.click(await screen.findByRole('menuitem', { name: 'Duplicate' }));
  await waitFor(() => expect(app.path()).toBe('/workflows/f7/edit'));
  expect(JSON.parse(app.sent('POST /workflows')[0]?.body ?? '')).toEqual({
    name: 'Handle webhooks (copy)',
    workspace: 'w1',
    graph: GRAPH,
  });
});

test('what is active is deactivated', async () => {
  const app = await opened(
    { 'POST /workflows/f1/deactivate': workflow({ status: 'draft' }) },
    listed({ status: 'active' }),
  );
  await app.user.click(await screen.findByRole('menuitem', { name: 'Deactivate' }));
  await waitFor(() => expect(app.sent('POST /workflows/f1/deactivate')).toHaveLength(1));
});

test('what is published is activated', async () => {
  const app = await opened(
    { 'POST /workflows/f1/activate': workflow() },
    listed({ status: 'draft' }),
  );
  await app.user.click(await screen.findByRole('menuitem', { name: 'Activate' }));
  await waitFor(() => expect(app.sent('POST /workflows/f1/activate')).toHaveLength(1));
});

test('what was never published is not activated', async () => {
  await opened({}, listed({ status: 'draft', version: null }));
  await screen.findByRole('menuitem', { name: 'Duplicate' });
  expect(screen.queryByRole('menuitem', { name: 'Activate' })).toBeNull();
});

test('a workflow is archived, and taken out of the archive', async () => {
  const app = await opened({
    'POST /workflows/f1/archive': workflow({ status: 'archived' }),
    'POST /workflows/f1/deactivate': workflow({ status: 'draft' }),
  });
  app.answer('GET /workflows', pageOf(listed({ status: 'archived' })));
  await app.user.click(await screen.findByRole('menuitem', { name: 'Archive' }));
  expect(await screen.findByRole('cell', { name: 'Archived' })).toBeVisible();
  await app.user.click(await screen.findByRole('button', { name: 'More about Handle webhooks' }));
  await app.user.click(await screen.findByRole('menuitem', { name: 'Take out of the archive' }));
  await waitFor(() => expect(app.sent('POST /workflows/f1/deactivate')).toHaveLength(1));
});

test('one that ran is not deleted, and the server says why', async () => {
  const refusal = new Problem(409, 'This workflow has runs, which are kept.');
  const app = await opened({ 'DELETE /workflows/f1': refusal }, listed({ status: 'draft' }));
  await app.user.click(await screen.findByRole('menuitem', { name: 'Delete…' }));
  await app.user.click(await screen.findByRole('button', { name: 'Delete' }));
  expect(await screen.findByText('This workflow has runs, which are kept.')).toBeVisible();
});

test('one that never ran is deleted after a question', async () => {
  const app = await opened({ 'DELETE /workflows/f1': {} }, listed({ status: 'draft' }));
  await app.user.click(await screen.findByRole('menuitem', { name: 'Delete…' }));
  app.answer('GET /workflows', pageOf());
  await app.user.click(await screen.findByRole('button', { name: 'Delete' }));
  expect(await screen.findByText('No workflow yet')).toBeVisible();
});

test('who may not edit is offered none of that', async () => {
  renderApp('/workflows', {
    'GET /me': { ...ME, workspaces: [{ id: 'w1', name: 'Demo', role: 'operator' }] },
    'GET /workflows': pageOf(listed()),
  });
  await screen.findByRole('link', { name: 'Handle webhooks' });
  expect(screen.queryByRole('button', { name: /More about/ })).toBeNull();
});
