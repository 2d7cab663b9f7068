import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { pageOf, renderApp, workflow } from '../test/renderApp';

const HOOK = { id: 'h', type: 'webhook', name: 'Hook', params: { path: 'orders' } };
const CALL = {
  id: 'c',
  type: 'http_call',
  name: 'Call',
  params: { url: 'https://shop.example', body: '{\n  "a": 1\n}' },
  retry: { count: 3, wait_s: 2 },
  on_error: 'route',
  on_crash: 'ask',
};
const TYPES = [
  { type: 'webhook', label: 'Webhook', kind: 'trigger' },
  { type: 'http_call', label: 'HTTP Call', kind: 'effect' },
];

function open(nodes: object[], rest: Parameters<typeof workflow>[0] = {}, hooks: object[] = []) {
  return renderApp('/workflows/f1', {
    'GET /workflows/f1': workflow(rest),
    'GET /workflows/f1/versions/3': { graph: { nodes, edges: [] } },
    'GET /node-types': { results: TYPES },
    'GET /runs': pageOf(),
    'GET /hooks': pageOf(...hooks),
  });
}

/** By the keyboard: jsdom gives a click of the mouse no window, which the graph asks for. */
async function select(app: ReturnType<typeof open>, node: string) {
  (await screen.findByRole('group', { name: node })).focus();
  await app.user.keyboard('{Enter}');
}

test('a node tells its parameters and settings', async () => {
  const app = open([HOOK, CALL]);
  await select(app, 'Call');
  const detail = screen.getByRole('complementary', { name: 'Node' });
  expect(within(detail).getByRole('heading', { name: 'Call' })).toBeVisible();
  expect(within(detail).getByText('HTTP Call')).toBeVisible();
  expect(within(detail).getByText('"https://shop.example"')).toBeVisible();
  expect(within(detail).getByText(/^\{\s+"a": 1\s+\}$/)).toBeVisible();
  expect(within(detail).getByText('Up to 3 times, the first after 2 s')).toBeVisible();
  expect(within(detail).getByText('Go on by the output “error”')).toBeVisible();
  expect(within(detail).getByText('Ask for a decision')).toBeVisible();
  expect(within(detail).getByText('60 s for each attempt')).toBeVisible();
  await app.user.click(within(detail).getByRole('button', { name: 'Close node' }));
  expect(screen.queryByRole('complementary', { name: 'Node' })).toBeNull();
});

test('a webhook tells its whole address', async () => {
  const app = open([HOOK]);
  await select(app, 'Hook');
  const detail = screen.getByRole('complementary', { name: 'Node' });
  expect(within(detail).getByText('POST https://hooks.example.org/hooks/orders')).toBeVisible();
  expect(within(detail).getByRole('button', { name: 'Copy' })).toBeVisible();
  expect(within(detail).queryByText(/once the workflow is active/)).toBeNull();
});

test('a form leads to its page, in a window of its own', async () => {
  const app = open([{ ...HOOK, type: 'form', params: { path: 'party' } }]);
  await select(app, 'Hook');
  const address = 'https://hooks.example.org/forms/party';
  const page = await screen.findByRole('link', { name: address });
  expect(page).toHaveAttribute('href', address);
  expect(page).toHaveAttribute('target', '_blank');
});

test('a webhook that is not live yet says so', async () => {
  const app = open([HOOK], { status: 'draft' });
  await select(app, 'Hook');
  expect(await screen.findByText(/once the workflow is active/)).toBeVisible();
});

test('a published workflow is activated on its page', async () => {
  const app = open([HOOK], { status: 'draft' });
  app.answer('POST /workflows/f1/activate', workflow());
  await app.user.click(await screen.findByRole('button', { name: 'Activate' }));
  await waitFor(() => expect(app.sent('POST /workflows/f1/activate')).toHaveLength(1));
});

test('a webhook tells all methods that it listens to', async () => {
  const params = { path: 'orders', method: 'GET', more_methods: ['PUT'] };
  const app = open([{ ...HOOK, params }]);
  await select(app, 'Hook');
  expect(await screen.findByText('GET, PUT https://hooks.example.org/hooks/orders')).toBeVisible();
});

test('a webhook tells the path that was made for it', async () => {
  const made = [
    { node: 'h', path: 'secret-path', is_live: true },
    { node: 'h', path: 'its-former-path', is_live: false },
  ];
  const app = open([{ ...HOOK, params: {} }], {}, made);
  await select(app, 'Hook');
  expect(await screen.findByText('POST https://hooks.example.org/hooks/secret-path')).toBeVisible();
});

test('a webhook whose path is not made yet says when it will be', async () => {
  const app = open([{ ...HOOK, params: {} }], { status: 'draft' });
  await select(app, 'Hook');
  expect(await screen.findByText(/is made when the workflow is activated/)).toBeVisible();
});

const NO_TRIGGER = 'Its graph has no trigger, so nothing can start it.';

test.each([
  ['without nodes', []],
  ['without a trigger', [CALL]],
  ['whose trigger is disabled', [{ ...HOOK, disabled: true }]],
])('a workflow %s is not offered to run, and says why', async (_which, nodes) => {
  open(nodes);
  expect(await screen.findByText(NO_TRIGGER)).toBeVisible();
  expect(screen.getByRole('button', { name: 'Run now' })).toBeDisabled();
  expect(screen.getByRole('button', { name: 'Run with input…' })).toBeDisabled();
  expect(screen.queryByText(/“Run now” starts it/)).toBeNull();
});

test('a workflow with a trigger is offered to run', async () => {
  open([HOOK]);
  expect(await screen.findByText('“Run now” starts it.')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Run now' })).toBeEnabled();
});
