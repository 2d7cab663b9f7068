import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { Graph } from '../api/types';
import { opened } from '../test/editor';
import { pageOf, Problem, renderApp, workflow } from '../test/renderApp';

const N8N = '{"name":"Sync","nodes":[{"name":"Tell","type":"n8n-nodes-base.telegram"}]}';
const FINE = { nodes: 1, edges: 0, unsupported: [], warnings: [] };
const REPORT = {
  ...FINE,
  unsupported: [{ node: 'Tell', type: 'n8n-nodes-base.telegram', why: 'There is none.' }],
  warnings: [{ node: null, message: 'Choose the error workflow.' }],
};

async function openedDialog(answers: Record<string, object>) {
  const app = renderApp('/workflows', { 'GET /workflows': pageOf(), ...answers });
  await app.user.click(await screen.findByRole('button', { name: 'Import' }));
  await screen.findByRole('dialog', { name: 'Import a workflow' });
  return app;
}

async function typed(text: string) {
  const field = await screen.findByRole('textbox', { name: 'Or paste it here' });
  fireEvent.change(field, { target: { value: text } });
}

test('a workflow of n8n is imported, and what could not be taken over is told', async () => {
  const app = await openedDialog({
    'POST /import/n8n': { workflow: workflow({ id: 'f7', name: 'Sync' }), report: REPORT },
  });
  await typed(N8N);
  expect(screen.getByRole('textbox', { name: 'Name' })).toHaveValue('Sync');
  const dialog = screen.getByRole('dialog');
  await app.user.click(within(dialog).getByRole('button', { name: 'Import' }));
  const told = await screen.findByRole('dialog', { name: 'Sync was imported' });
  expect(told).toHaveTextContent('Tell n8n-nodes-base.telegram There is none.');
  expect(told).toHaveTextContent('Choose the error workflow.');
  expect(app.sent('POST /import/n8n')[0]?.body).toBe(
    `{"workflow":${N8N},"name":"Sync","workspace":"w1"}`,
  );
  await app.user.click(within(told).getByRole('button', { name: 'Open its canvas' }));
  await waitFor(() => expect(app.path()).toBe('/workflows/f7/edit'));
});

test('where all is taken over, the canvas is opened at once', async () => {
  const app = await openedDialog({
    'POST /import/n8n': { workflow: workflow({ id: 'f7' }), report: FINE },
  });
  await typed(N8N);
  const dialog = screen.getByRole('dialog');
  await app.user.click(within(dialog).getByRole('button', { name: 'Import' }));
  await waitFor(() => expect(app.path()).toBe('/workflows/f7/edit'));
});

test('a graph of FlowForge becomes a workflow with its settings', async () => {
  const app = await openedDialog({
    'POST /workflows': workflow({ id: 'f7' }),
  });
  const graph = {
    schema: 1,
    nodes: [{ id: 'a', type: 'manual', name: 'Start', params: {} }],
    edges: [],
    settings: { timezone: 'Europe/Riga' },
  };
  await typed(JSON.stringify(graph));
  const dialog = screen.getByRole('dialog');
  await app.user.type(screen.getByRole('textbox', { name: 'Name' }), 'Mine');
  await app.user.click(within(dialog).getByRole('button', { name: 'Import' }));
  await waitFor(() => expect(app.path()).toBe('/workflows/f7/edit'));
  const [made] = app.sent('POST /workflows');
  expect(JSON.parse(made?.body ?? '')).toEqual({ name: 'Mine', workspace: 'w1', graph });
});

test('what is neither is said to be neither', async () => {
  await openedDialog({});
  await typed('{"steps": []}');
  expect(screen.getByText(/neither a workflow of n8n nor a graph/)).toBeInTheDocument();
});

function paste(text: string) {
  fireEvent.paste(screen.getByText('A workflow begins with what starts it.'), {
    clipboardData: { getData: () => text },
  });
}

const CONVERTED: Graph = {
  schema: 1,
  nodes: [{ id: 'n1', type: 'http_call', name: 'Tell', params: {}, position: [0, 0] }],
  edges: [],
  settings: { order: 'depth_first' },
};

test('nodes of n8n are pasted as the server reads them, with their settings', async () => {
  const { user, draft } = opened(
    undefined,
    '/workflows/f1/edit',
    {},
    {
      'POST /import/n8n/convert': { name: 'Sync', graph: CONVERTED, report: REPORT },
    },
  );
  await screen.findByRole('button', { name: 'Add the first node' });
  paste(N8N);
  const told = await screen.findByRole('dialog', { name: 'Pasted from n8n' });
  expect(told).toHaveTextContent('1 node without a counterpart');
  await user.keyboard('{Escape}');
  expect(await screen.findByRole('group', { name: /^Tell/ })).toBeInTheDocument();
  await waitFor(() => expect(draft.graph.settings).toEqual({ order: 'depth_first' }));
});

test('what the server refuses is told, and nothing is pasted', async () => {
  opened(
    undefined,
    '/workflows/f1/edit',
    {},
    {
      'POST /import/n8n/convert': new Problem(422, 'It is too large.'),
    },
  );
  await screen.findByRole('button', { name: 'Add the first node' });
  paste(N8N);
  expect(await screen.findByRole('alert')).toHaveTextContent('It is too large.');
});
