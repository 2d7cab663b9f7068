import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { Role } from '../api/types';
import { ME, pageOf, Problem, renderApp, run, workflow } from '../test/renderApp';
import { hookRequest } from './hookRequest.fixture';

const hook = (id: string, name: string) => ({ id, type: 'webhook', name, params: { path: id } });

function open(search = '', answers: Parameters<typeof renderApp>[1] = {}, role: Role = 'operator') {
  return renderApp(`/workflows/f1/requests${search}`, {
    'GET /me': { ...ME, workspaces: [{ id: 'w1', name: 'Demo', role }] },
    'GET /workflows/f1': workflow(),
    'GET /workflows/f1/versions/3': { graph: { nodes: [hook('h', 'Hook')], edges: [] } },
    'GET /hook-requests': pageOf(hookRequest()),
    'GET /hook-requests/q1': hookRequest(),
    ...answers,
  });
}

test('requests are listed with how their runs stand', async () => {
  const app = open();
  const row = await screen.findByRole('row', { name: /orders/ });
  expect(row).toHaveTextContent(/POST \/hooks\/orders15 bytes192\.0\.2\.7Failed$/);
  expect(within(row).getByRole('link', { name: 'Its run: failed' })).toHaveAttribute(
    'href',
    '/runs/r1',
  );
  expect(app.sent('GET /hook-requests')[0]?.query.toString()).toBe(
    'workspace=w1&workflow=f1&limit=50',
  );
});

test('a request is opened at an address of its own', async () => {
  const app = open();
  await app.user.click(await screen.findByRole('link', { name: 'POST /hooks/orders' }));
  expect(app.path()).toBe('/workflows/f1/requests?request=q1');
  const detail = await screen.findByRole('complementary', { name: 'Request' });
  expect(await within(detail).findByText('"Ada"')).toBeVisible();
  expect(within(detail).getByText('(hidden)')).toBeVisible();
  expect(within(detail).getByText('x-shop')).toBeVisible();
  await app.user.click(within(detail).getByRole('button', { name: 'Close request' }));
  expect(screen.queryByRole('complementary', { name: 'Request' })).toBeNull();
});

test('a request shows what stood at the names of its path', async () => {
  open('?request=q1', {
    'GET /hook-requests/q1': hookRequest({ path: 'orders/7', params: { id: '7' } }),
  });
  const detail = await screen.findByRole('complementary', { name: 'Request' });
  const path = (await within(detail).findByRole('heading', { name: 'Path' })).parentElement;
  expect(path).toHaveTextContent('id7');
});

test.each([
  ['same', 'On the same version'],
  ['published', 'On the published version'],
])('a replay on the %s version leads to the new run', async (version, item) => {
  const app = open('?request=q1', {
    'POST /hook-requests/q1/replay': run({ id: 'r2' }),
    'GET /runs/r2': run({ id: 'r2' }),
  });
  await app.user.click(await screen.findByRole('button', { name: 'Replay' }));
  await app.user.click(await screen.findByRole('menuitem', { name: new RegExp(item) }));
  await waitFor(() => expect(app.path()).toBe('/runs/r2'));
  const [asked] = app.sent('POST /hook-requests/q1/replay');
  expect(asked?.body).toBe(`{"version":"${version}"}`);
  expect(asked?.headers.get('Idempotency-Key')).toMatch(/^[0-9a-f]{32}$/);
});

test('a replay that is refused says why', async () => {
  const app = open('?request=q1', {
    'POST /hook-requests/q1/replay': new Problem(409, 'The workflow is archived.'),
  });
  await app.user.click(await screen.findByRole('button', { name: 'Replay' }));
  await app.user.click(await screen.findByRole('menuitem', { name: /same version/ }));
  expect(await screen.findByText('The workflow is archived.')).toBeVisible();
});

test('a request tells the runs that it was replayed by', async () => {
  const replay = { run: 'r2', run_status: 'completed', version: 4, created_at: '2026-01-02' };
  open('?request=q1', { 'GET /hook-requests/q1': { ...hookRequest(), replays: [replay] } });
  const detail = await screen.findByRole('complementary', { name: 'Request' });
  expect(await within(detail).findByText(/replay on v4/)).toBeVisible();
  expect(within(detail).getByRole('link', { name: 'r2' })).toHaveAttribute('href', '/runs/r2');
});

test('a viewer is not offered to replay', async () => {
  open('?request=q1', {}, 'viewer');
  expect(await screen.findByText('"Ada"')).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Replay' })).toBeNull();
});

test.each([
  ['is large', { payload: 'p1', content: null, encoding: 'text' }, 'Download the body, 15 bytes'],
  ['is no text', { payload: null, content: '/wA=', encoding: 'base64' }, '/wA='],
  ['is no JSON', { payload: null, content: '{"a"', encoding: 'text' }, '{"a"'],
  ['was not kept', null, 'It was larger than the inbox keeps. Its run has it.'],
])('a body that %s is shown as “%s”', async (_how, body, shown) => {
  open('?request=q1', { 'GET /hook-requests/q1': { ...hookRequest(), body } });
  expect(await screen.findByText(shown)).toBeVisible();
});

test('one of several webhooks is chosen, and the list begins anew', async () => {
  const nodes = [hook('h', 'Orders'), hook('g', 'Refunds')];
  const app = open('?cursor=c2', {
    'GET /workflows/f1/versions/3': { graph: { nodes, edges: [] } },
  });
  await app.user.click(await screen.findByRole('combobox', { name: 'Webhook' }));
  await app.user.click(await screen.findByRole('option', { name: 'Refunds' }));
  await waitFor(() => expect(app.path()).toBe('/workflows/f1/requests?node=g'));
  await waitFor(() => expect(app.sent('GET /hook-requests').at(-1)?.query.get('node')).toBe('g'));
});

test('a new request comes to the list by itself', async () => {
  const app = open('', { 'GET /hook-requests': pageOf() });
  expect(await screen.findByText('No request yet')).toBeVisible();
  app.answer('GET /hook-requests', pageOf(hookRequest()));
  app.socket().tell({ event: 'run_status', run: 'r1', workflow: 'f1', status: 'pending', at: '' });
  expect(await screen.findByRole('link', { name: 'POST /hooks/orders' })).toBeVisible();
});
