import { screen, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';
import { listed, ME, pageOf, Problem, renderApp, run, workflow } from '../test/renderApp';

const START = { id: 's', type: 'manual', name: 'Start', params: {} };
const MANUAL = { graph: { nodes: [START], edges: [] } };

test('a new workflow gets a name, and its canvas is opened', async () => {
  const app = renderApp('/workflows', {
    'GET /workflows': pageOf(),
    'POST /workflows': workflow({ id: 'f7', name: 'Orders' }),
  });
  await app.user.click(await screen.findByRole('button', { name: 'New workflow' }));
  await app.user.type(await screen.findByRole('textbox', { name: 'Name' }), 'Orders');
  await app.user.click(screen.getByRole('button', { name: 'Make it' }));
  await waitFor(() => expect(app.path()).toBe('/workflows/f7/edit'));
  const asked = JSON.parse(app.sent('POST /workflows')[0]?.body ?? '') as unknown;
  expect(asked).toEqual({ name: 'Orders', workspace: 'w1' });
});

test('a workflow is listed with its version, and started with one click', async () => {
  const app = renderApp('/workflows', {
    'GET /workflows': pageOf(listed()),
    'GET /workflows/f1/versions/3': MANUAL,
    'POST /workflows/f1/runs': run(),
    'GET /runs/r1': run(),
  });
  expect(await screen.findByRole('link', { name: 'Handle webhooks' })).toBeVisible();
  expect(screen.getByText('v3')).toBeVisible();
  await app.user.click(screen.getByRole('button', { name: 'Run now' }));
  await waitFor(() => expect(app.path()).toBe('/runs/r1'));
  const [started] = app.sent('POST /workflows/f1/runs');
  expect(started?.body).toBe('{}');
  expect(started?.headers.get('Idempotency-Key')).toMatch(/^[0-9a-f]{32}$/);
});

test('a published workflow that nothing starts is said not to be active', async () => {
  renderApp('/workflows', { 'GET /workflows': pageOf(listed({ status: 'draft' })) });
  const row = await screen.findByRole('row', { name: /Handle webhooks/ });
  expect(row).toHaveTextContent('Handle webhooks Not activev3');
});

test('what was never published runs as draft', async () => {
  const app = renderApp('/workflows', {
    'GET /workflows': pageOf(listed({ version: null, status: 'draft' })),
    'GET /workflows/f1/draft': MANUAL,
    'POST /workflows/f1/runs': run(),
  });
  await app.user.click(await screen.findByRole('button', { name: 'Run now' }));
  await waitFor(() =>
    expect(app.sent('POST /workflows/f1/runs')[0]?.body).toBe('{"version":"draft"}'),
  );
});

test('a start that is refused says every fault', async () => {
  const fault = { path: 'nodes[0].params.url', code: 'missing', message: 'A URL is needed.' };
  const app = renderApp('/workflows', {
    'GET /workflows': pageOf(listed()),
    'GET /workflows/f1/versions/3': MANUAL,
    'POST /workflows/f1/runs': new Problem(422, 'The draft has faults.', [fault]),
  });
  await app.user.click(await screen.findByRole('button', { name: 'Run now' }));
  expect(await screen.findByText('The draft has faults. A URL is needed.')).toBeVisible();
});

const lost = () => {
  throw new TypeError('Failed to fetch');
};

test('a click after a lost answer asks for the same run, one after an answer for a new run', async () => {
  const app = renderApp('/workflows', {
    'GET /workflows': pageOf(listed()),
    'GET /workflows/f1/versions/3': MANUAL,
    'POST /workflows/f1/runs': lost,
  });
  const button = await screen.findByRole('button', { name: 'Run now' });
  const startedWith = async (count: number) => {
    await app.user.click(button);
    await waitFor(() => expect(app.sent('POST /workflows/f1/runs')).toHaveLength(count));
    await waitFor(() => expect(button).toBeEnabled());
    return app.sent('POST /workflows/f1/runs').at(-1)?.headers.get('Idempotency-Key');
  };
  const first = await startedWith(1);
  app.answer('POST /workflows/f1/runs', new Problem(500, 'It broke.'));
  expect(await startedWith(2)).toBe(first);
  app.answer('POST /workflows/f1/runs', new Problem(422, 'It has faults.'));
  expect(await startedWith(3)).toBe(first);
  expect(await startedWith(4)).not.toBe(first);
});

test('other input after a lost answer is another run', async () => {
  const app = renderApp('/workflows/f1', {
    'GET /workflows/f1': workflow(),
    'GET /workflows/f1/versions/3': MANUAL,
    'GET /runs': pageOf(),
    'POST /workflows/f1/runs': lost,
  });
  await app.user.click(await screen.findByRole('button', { name: 'Run with input…' }));
  const input = await screen.findByLabelText('Input');
  const start = screen.getByRole('button', { name: 'Run' });
  await app.user.click(start);
  await screen.findByText(/server cannot be reached/);
  await app.user.clear(input);
  await app.user.click(input);
  await app.user.paste('{"n": 1}');
  await app.user.click(start);
  await waitFor(() => expect(app.sent('POST /workflows/f1/runs')).toHaveLength(2));
  const keys = app
    .sent('POST /workflows/f1/runs')
    .map(({ headers }) => headers.get('Idempotency-Key'));
  expect(keys[0]).not.toBe(keys[1]);
});

test('a viewer is not offered to run', async () => {
  renderApp('/workflows', {
    'GET /me': { ...ME, workspaces: [{ id: 'w1', name: 'Demo', role: 'viewer' }] },
    'GET /workflows': pageOf(listed()),
  });
  await screen.findByRole('link', { name: 'Handle webhooks' });
  expect(screen.queryByRole('button', { name: 'Run now' })).toBeNull();
});

test('the search is asked of the server and stands in the address', async () => {
  const app = renderApp('/workflows', { 'GET /workflows': pageOf() });
  await app.user.type(await screen.findByRole('searchbox', { name: 'Search workflows' }), 'web');
  expect(await screen.findByText('No workflow matches')).toBeVisible();
  await waitFor(() => expect(app.path()).toBe('/workflows?search=web'));
  await waitFor(() => expect(app.sent('GET /workflows').at(-1)?.query.get('search')).toBe('web'));
});

test('the search box shows what is searched for, also after the address has changed', async () => {
  const app = renderApp('/workflows?search=web', { 'GET /workflows': pageOf() });
  const box = await screen.findByRole('searchbox', { name: 'Search workflows' });
  expect(box).toHaveValue('web');
  await app.user.type(box, 'hook');
  await waitFor(() => expect(app.path()).toBe('/workflows?search=webhook'));
  await app.user.click(screen.getByRole('link', { name: 'Workflows' }));
  await waitFor(() => expect(app.path()).toBe('/workflows'));
  expect(box).toHaveValue('');
});

test('input is sent as it was typed, so that long numbers keep their digits', async () => {
  const app = renderApp('/workflows/f1', {
    'GET /workflows/f1': workflow(),
    'GET /workflows/f1/versions/3': MANUAL,
    'GET /runs': pageOf(),
    'POST /workflows/f1/runs': run(),
  });
  await app.user.click(await screen.findByRole('button', { name: 'Run with input…' }));
  const input = await screen.findByLabelText('Input');
  await app.user.clear(input);
  await app.user.click(input);
  await app.user.paste('[{"id": 12345678901234567890}]');
  await app.user.click(screen.getByRole('button', { name: 'Run' }));
  await waitFor(() =>
    expect(app.sent('POST /workflows/f1/runs')[0]?.body).toBe(
      '{"input":[{"id": 12345678901234567890}]}',
    ),
  );
});

test('an active workflow says which request starts it', async () => {
  const hook = { id: 'h', type: 'webhook', name: 'Hook', params: { path: 'orders' } };
  const answers = {
    'GET /workflows/f1': workflow(),
    'GET /workflows/f1/versions/3': { graph: { nodes: [hook], edges: [] } },
    'GET /runs': pageOf(),
  };
  renderApp('/workflows/f1', answers);
  expect(await screen.findByText('POST /hooks/orders')).toBeVisible();
});

test('a workflow that is not there is said in the words of the server', async () => {
  renderApp('/workflows/f9', { 'GET /workflows/f9': new Problem(404, 'There is nothing here.') });
  expect(await screen.findByRole('alert')).toHaveTextContent('There is nothing here.');
});
