import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { Graph } from '../api/types';
import { opened } from '../test/editor';

const GRAPH: Graph = {
  nodes: [
    {
      id: 'n1',
      type: 'webhook',
      name: 'Hook',
      params: { path: 'orders' },
      position: [0, 0],
      pinned: { main: [{ json: { order: { id: 7 } } }] },
    },
    { id: 'n2', type: 'http_call', name: 'Call', params: { url: '' }, position: [400, 0] },
    { id: 'n3', type: 'http_call', name: 'Then', params: { url: '' }, position: [800, 0] },
  ],
  edges: [
    { source: 'n1', source_output: 'main', target: 'n2', target_input: 'main' },
    { source: 'n2', source_output: 'main', target: 'n3', target_input: 'main' },
  ],
};

async function openedWide(name = 'Call') {
  const app = opened(GRAPH);
  (await screen.findByRole('group', { name })).focus();
  await app.user.keyboard('{Enter}');
  await screen.findByRole('complementary', { name: 'Node' });
  await app.user.keyboard('{Enter}');
  const view = await screen.findByRole('dialog', { name });
  await waitFor(() => expect(within(view).getByRole('heading', { name })).toHaveFocus());
  return { ...app, view };
}

const column = (name: string) => within(screen.getByRole('region', { name }));

test('Enter on the node that is selected shows it wide, and Escape leads back to it', async () => {
  const { user } = await openedWide();
  // The form is there once.
  expect(screen.queryByRole('complementary', { name: 'Node' })).toBeNull();
  expect(column('Form').getByRole('textbox', { name: 'Name' })).toHaveValue('Call');
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(screen.getByRole('group', { name: 'Call' })).toHaveFocus();
  expect(screen.getByRole('complementary', { name: 'Node' })).toBeInTheDocument();
});

test('a double click and the button of the panel show a node wide, too', async () => {
  const { user } = opened(GRAPH);
  fireEvent.doubleClick(await screen.findByRole('group', { name: 'Then' }));
  const view = await screen.findByRole('dialog', { name: 'Then' });
  await user.click(within(view).getByRole('button', { name: 'Close the view' }));
  await user.click(screen.getByRole('button', { name: /^Open it wide/ }));
  expect(await screen.findByRole('dialog', { name: 'Then' })).toBeInTheDocument();
});

test('Enter with Control runs the draft, and shows nothing wide', async () => {
  const { user, sent } = opened(GRAPH);
  (await screen.findByRole('group', { name: 'Call' })).focus();
  await user.keyboard('{Enter}{Control>}{Enter}{/Control}');
  await waitFor(() => expect(sent('POST /workflows/f1/runs')).toHaveLength(1));
  expect(screen.queryByRole('dialog')).toBeNull();
});

test('a field of any node before is used for the parameter that had the focus', async () => {
  const { user, draft } = await openedWide('Then');
  await user.click(await screen.findByRole('textbox', { name: /^URL/ }));
  await user.click(column('Input').getByRole('combobox', { name: 'Data of' }));
  await user.click(await screen.findByRole('option', { name: 'Hook' }));
  const [use] = column('Input').getAllByRole('button', { name: /^Use .*order\.id$/ });
  use?.focus();
  await user.keyboard('{Enter}');
  await waitFor(() =>
    expect(draft.graph.nodes[2]?.params.url).toBe("={{ $('Hook').item.json.order.id }}"),
  );
});

test('a field is dragged from the input onto the form', async () => {
  const { draft } = await openedWide();
  const carried = new Map<string, string>();
  const dataTransfer = {
    setData: (type: string, data: string) => void carried.set(type, data),
    getData: (type: string) => carried.get(type) ?? '',
    types: [],
  };
  fireEvent.dragStart(column('Input').getByText('id'), { dataTransfer });
  fireEvent.drop(await screen.findByRole('textbox', { name: /^URL/ }), { dataTransfer });
  await waitFor(() => expect(draft.graph.nodes[1]?.params.url).toBe('={{ $json.order.id }}'));
});

test('arrows and buttons lead along the edges, and the view stays', async () => {
  const { user } = await openedWide();
  await user.keyboard('{ArrowRight}');
  const then = await screen.findByRole('dialog', { name: 'Then' });
  expect(within(then).getByRole('button', { name: 'Go right' })).toBeDisabled();
  await user.click(within(then).getByRole('button', { name: 'Go left' }));
  await user.keyboard('{ArrowLeft}');
  await screen.findByRole('dialog', { name: 'Hook' });
  expect(column('Input').getByText(/starts the run/)).toBeInTheDocument();
  expect(column('Output').getByRole('region', { name: 'Pinned' })).toBeInTheDocument();
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.getByRole('group', { name: /^Hook/ })).toHaveFocus());
});

test('keys of the canvas do nothing to it from within the view', async () => {
  const { user, draft } = await openedWide();
  await user.keyboard('{Delete}{Backspace}n');
  await user.keyboard('d');
  await waitFor(() => expect(draft.graph.nodes[1]?.disabled).toBe(true));
  expect(draft.graph.nodes).toHaveLength(3);
  expect(screen.getAllByRole('dialog')).toHaveLength(1);
});

test('Escape takes back a name that is being typed before it closes the view', async () => {
  const { user, draft } = await openedWide();
  const name = column('Form').getByRole('textbox', { name: 'Name' });
  await user.type(name, ' me');
  await user.keyboard('{Escape}');
  expect(name).toHaveValue('Call');
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(draft.graph.nodes[1]?.name).toBe('Call');
});

test('a run of a part, and a pin, begin in the view', async () => {
  const { user, draft, sent } = await openedWide('Hook');
  await user.click(screen.getByRole('button', { name: 'Run to here' }));
  await waitFor(() => expect(sent('POST /workflows/f1/runs')).toHaveLength(1));
  const [made] = sent('POST /workflows/f1/runs');
  expect(JSON.parse(made?.body ?? '')).toEqual({ version: 'draft', stop_node: 'n1' });
  await user.click(screen.getByRole('button', { name: 'Unpin' }));
  await waitFor(() => expect(draft.graph.nodes[0]?.pinned).toBeNull());
});

test('that effects are repeated is said only of a node that has some', async () => {
  const { user } = await openedWide('Call');
  expect(
    screen.getByRole('button', { name: 'Run this step alone: repeats its effects' }),
  ).toBeInTheDocument();
  await user.keyboard('{Escape}');
});

test('a node that makes items of items repeats no effects', async () => {
  const pure = {
    type: 'sort',
    version: 1,
    label: 'Sort',
    group: 'data',
    description: '',
    inputs: ['main'],
    outputs: ['main'],
    kind: 'pure',
    keywords: [],
    params_schema: { properties: {} },
    ui: {},
    docs: '',
    example: null,
  };
  const sorting: Graph = {
    nodes: [{ id: 'n1', type: 'sort', name: 'In order', params: {}, position: [0, 0] }],
    edges: [],
  };
  opened(sorting, undefined, {}, { 'GET /node-types': { results: [pure] } });
  fireEvent.doubleClick(await screen.findByRole('group', { name: 'In order' }));
  const view = await screen.findByRole('dialog', { name: 'In order' });
  expect(within(view).getByRole('button', { name: 'Run this step alone' })).toBeInTheDocument();
});
