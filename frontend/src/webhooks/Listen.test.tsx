import { screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import type { HookRequestDetail, Listener, Role } from '../api/types';
import { opened } from '../test/editor';
import { ME, pageOf, Problem, renderApp, workflow } from '../test/renderApp';
import { hookRequest } from './hookRequest.fixture';

const HOOK = { id: 'h', type: 'webhook', name: 'Hook', params: { path: 'orders' } };
const soon = () => new Date(Date.now() + 119_500).toISOString();

const listener = (rest: Partial<Listener> = {}): Listener => ({
  id: 'l1',
  workflow: 'f1',
  node: 'h',
  url: 'https://hooks.example.org/hooks/test-abc',
  until: soon(),
  request: null,
  run: null,
  refusal: null,
  ...rest,
});

const came = (rest: Partial<HookRequestDetail> = {}): HookRequestDetail =>
  hookRequest({ id: 'q1', run: null, run_status: null, ...rest });

async function openHook(answers: Parameters<typeof renderApp>[1] = {}, role: Role = 'editor') {
  const app = renderApp('/workflows/f1', {
    'GET /me': { ...ME, workspaces: [{ id: 'w1', name: 'Demo', role }] },
    'GET /workflows/f1': workflow(),
    'GET /workflows/f1/versions/3': { graph: { nodes: [HOOK], edges: [] } },
    'GET /node-types': { results: [{ type: 'webhook', label: 'Webhook', kind: 'trigger' }] },
    'GET /runs': pageOf(),
    ...answers,
  });
  (await screen.findByRole('group', { name: 'Hook' })).focus();
  await app.user.keyboard('{Enter}');
  const detail = await screen.findByRole('complementary', { name: 'Node' });
  return { app, detail };
}

const listen = () => screen.getByRole('button', { name: 'Listen for a test request' });

test('a webhook says who may send and what they get, and leads to its requests', async () => {
  const { detail } = await openHook();
  expect(within(detail).getByText('Anybody')).toBeVisible();
  expect(within(detail).getByText('At once: 202 with the run’s id')).toBeVisible();
  expect(within(detail).getByRole('link', { name: 'Requests that came' })).toHaveAttribute(
    'href',
    '/workflows/f1/requests?node=h',
  );
});

test('what comes while it listens is shown as soon as the server tells of it', async () => {
  const { app, detail } = await openHook({
    'POST /workflows/f1/listen': listener(),
    'GET /listeners/l1': listener(),
    'GET /hook-requests/q1': came(),
  });
  await app.user.click(listen());
  expect(await screen.findByText('Listening for a request…')).toBeVisible();
  expect(screen.getByRole('timer')).toHaveTextContent(/^(2:00|1:5\d)$/);
  expect(within(detail).getByText('https://hooks.example.org/hooks/test-abc')).toBeVisible();
  expect(within(detail).getByText(/^curl -X POST/)).toBeVisible();
  app.answer('GET /listeners/l1', listener({ request: 'q1' }));
  app.socket().tell({ event: 'hook_request', workflow: 'f1', node: 'h', request: 'q1', run: null });
  expect(await screen.findByText('POST came')).toBeVisible();
  expect(within(detail).getByText('"Ada"')).toBeVisible();
  expect(within(detail).getByText('x-shop')).toBeVisible();
  expect(screen.getByRole('link', { name: 'Show it in the inbox' })).toHaveAttribute(
    'href',
    '/workflows/f1/requests?request=q1',
  );
  expect(screen.queryByRole('link', { name: 'Show its run' })).toBeNull();
  expect(app.sent('POST /workflows/f1/listen')[0]?.body).toBe('{"node":"h","run":false}');
});

test('in the editor the draft is saved first, and its run is shown there', async () => {
  const app = opened(
    { nodes: [HOOK], edges: [] },
    '/workflows/f1/edit',
    {},
    {
      'POST /workflows/f1/listen': listener({ request: 'q1', run: 'r1' }),
      'GET /listeners/l1': listener({ request: 'q1', run: 'r1' }),
      'GET /hook-requests/q1': came({ run: 'r1', run_status: 'running' }),
    },
  );
  (await screen.findByRole('group', { name: 'Hook' })).focus();
  await app.user.keyboard('{Enter}');
  await app.user.type(await screen.findByRole('textbox', { name: 'Path' }), '-new');
  await app.user.click(listen());
  const link = await screen.findByRole('link', { name: 'Show its run' });
  expect(link).toHaveAttribute('href', '/workflows/f1/edit?run=r1');
  const [put] = app.sent('PUT /workflows/f1/draft');
  expect(put?.body).toContain('orders-new');
  expect(app.sent('POST /workflows/f1/listen')[0]?.body).toBe('{"node":"h","run":true}');
});

test('the time that it listens is counted from when it began, not from when the page was opened', async () => {
  const { app } = await openHook({
    'POST /workflows/f1/listen': () => listener(),
    'GET /listeners/l1': () => listener(),
  });
  const clock = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 600_000);
  await app.user.click(listen());
  expect(await screen.findByRole('timer')).toHaveTextContent('2:00');
  clock.mockRestore();
});

test('a request that was lost on the live connection is found all the same', async () => {
  const { app } = await openHook({
    'POST /workflows/f1/listen': listener(),
    'GET /listeners/l1': listener({ request: 'q1', run: 'r1' }),
    'GET /hook-requests/q1': came({ run: 'r1', run_status: 'running' }),
  });
  await app.user.click(screen.getByRole('checkbox', { name: 'and run the draft' }));
  await app.user.click(listen());
  expect(await screen.findByText('POST came')).toBeVisible();
  expect(screen.getByRole('link', { name: 'Show its run' })).toHaveAttribute('href', '/runs/r1');
  expect(app.sent('POST /workflows/f1/listen')[0]?.body).toBe('{"node":"h","run":true}');
});

test('a request that is not let in is told with the reason', async () => {
  const refusal = { status: 401, code: 'x', message: 'The signature does not fit.', at: soon() };
  const { app } = await openHook({
    'POST /workflows/f1/listen': listener(),
    'GET /listeners/l1': listener({ refusal }),
  });
  await app.user.click(listen());
  expect(await screen.findByText('The signature does not fit.')).toBeVisible();
  expect(screen.getByText('Listening for a request…')).toBeVisible();
});

test('it is stopped, and listens again', async () => {
  const { app } = await openHook({
    'POST /workflows/f1/listen': listener(),
    'GET /listeners/l1': listener(),
    'POST /listeners/l1/stop': listener({ until: '2026-01-01T00:00:00.000Z' }),
  });
  await app.user.click(listen());
  await app.user.click(await screen.findByRole('button', { name: 'Stop' }));
  expect(await screen.findByText('Nothing came, and it listens no more')).toBeVisible();
  await app.user.click(screen.getByRole('button', { name: 'Listen again' }));
  expect(await screen.findByText('Listening for a request…')).toBeVisible();
});

test('a draft that cannot listen is told in the words of the server', async () => {
  const fault = { path: 'node', code: 'unknown_node', message: 'The draft has no webhook “h”.' };
  const { app } = await openHook({
    'POST /workflows/f1/listen': new Problem(422, fault.message, [fault]),
  });
  await app.user.click(listen());
  expect(await screen.findByRole('alert')).toHaveTextContent('The draft has no webhook “h”.');
});

test('who may not edit is not offered to listen', async () => {
  const { detail } = await openHook({}, 'operator');
  expect(within(detail).queryByRole('button', { name: /Listen/ })).toBeNull();
});

test('what came stays though it cannot be read again', async () => {
  const { app } = await openHook({
    'POST /workflows/f1/listen': listener(),
    'GET /listeners/l1': listener({ request: 'q1' }),
    'GET /hook-requests/q1': came(),
  });
  await app.user.click(listen());
  expect(await screen.findByText('POST came')).toBeVisible();
  app.answer('GET /hook-requests/q1', new Problem(429, 'Too many requests.'));
  app.readAgain();
  expect(await screen.findByText('Too many requests.')).toBeVisible();
  expect(screen.getByText('POST came')).toBeVisible();
});
