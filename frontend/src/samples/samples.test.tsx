import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { Sample } from '../api/types';
import { ME, pageOf, Problem, renderApp, workflow } from '../test/renderApp';

const GRAPH = {
  nodes: [
    { id: 's', type: 'manual', name: 'Start', params: {}, position: [0, 0] as [number, number] },
  ],
  edges: [],
};

const sample = (rest: Partial<Sample> = {}): Sample => ({
  id: 'clean_up',
  name: 'Clean data up',
  teaches: 'Five nodes without code.',
  needs: [],
  graph: GRAPH,
  ...rest,
});

const NEEDY = sample({
  id: 'errors',
  name: 'Tell Slack',
  needs: [
    { node: 's', param: 'credential', what: 'a credential of your Slack' },
    { node: 's', param: 'channel', what: 'a channel' },
  ],
});

const SERVER = {
  'GET /workflows': pageOf(),
  'GET /samples': { results: [sample(), NEEDY] },
  'POST /workflows': workflow({ id: 'f7' }),
};

test('who has no workflow yet begins with a sample, and its canvas is opened', async () => {
  const app = renderApp('/workflows', SERVER);
  await app.user.click(await screen.findByRole('button', { name: 'Clean data up' }));
  await waitFor(() => expect(app.path()).toBe('/workflows/f7/edit'));
  const asked = JSON.parse(app.sent('POST /workflows')[0]?.body ?? '') as unknown;
  expect(asked).toEqual({ name: 'Clean data up', workspace: 'w1', graph: GRAPH });
});

test('a card says what it teaches and what it needs', async () => {
  renderApp('/workflows', SERVER);
  expect(await screen.findByRole('button', { name: 'Tell Slack' })).toHaveAccessibleDescription(
    'Five nodes without code. Needs a credential of your Slack and a channel.',
  );
  expect(screen.getByRole('button', { name: 'Clean data up' })).toHaveAccessibleDescription(
    'Five nodes without code. Runs as it is.',
  );
});

test('in “New workflow” a sample takes the name that was typed', async () => {
  const app = renderApp('/workflows', { ...SERVER, 'GET /samples': { results: [sample()] } });
  await app.user.click(await screen.findByRole('button', { name: 'New workflow' }));
  const dialog = within(await screen.findByRole('dialog'));
  await app.user.type(dialog.getByRole('textbox', { name: 'Name' }), 'Orders');
  await app.user.click(await dialog.findByRole('button', { name: 'Clean data up' }));
  await waitFor(() => expect(app.path()).toBe('/workflows/f7/edit'));
  const asked = JSON.parse(app.sent('POST /workflows')[0]?.body ?? '') as unknown;
  expect(asked).toEqual({ name: 'Orders', workspace: 'w1', graph: GRAPH });
});

test('a sample that could not be made says why', async () => {
  const refused = new Problem(403, 'Your role may not do that.');
  const app = renderApp('/workflows', { ...SERVER, 'POST /workflows': refused });
  await app.user.click(await screen.findByRole('button', { name: 'Clean data up' }));
  expect(await screen.findByText('Your role may not do that.')).toBeVisible();
});

test('a viewer is offered no samples', async () => {
  const workspaces: typeof ME.workspaces = [{ id: 'w1', name: 'Demo', role: 'viewer' }];
  const app = renderApp('/workflows', { ...SERVER, 'GET /me': { ...ME, workspaces } });
  await screen.findByText('No workflow yet');
  expect(app.sent('GET /samples')).toHaveLength(0);
});
