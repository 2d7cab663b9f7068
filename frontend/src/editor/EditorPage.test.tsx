import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { Graph } from '../api/types';
import { opened, saved } from '../test/editor';
import { pageOf, run } from '../test/renderApp';

test('a graph is built by keys and typing, and saved by itself', async () => {
  const { user, draft } = opened();
  await user.click(await screen.findByRole('button', { name: 'Add the first node' }));
  await user.keyboard('webh{Enter}');
  expect(await screen.findByRole('complementary', { name: 'Node' })).toBeInTheDocument();
  await user.type(screen.getByRole('textbox', { name: /^Path/ }), 'orders');
  await user.click(screen.getByRole('button', { name: 'Add a node' }));
  expect(await screen.findByText('Add a node behind “Webhook”')).toBeInTheDocument();
  await user.keyboard('http{Enter}');
  await user.type(await screen.findByRole('textbox', { name: /^URL/ }), 'https://a.test');
  await saved();
  await waitFor(() => expect(draft.graph.nodes).toHaveLength(2));
  await waitFor(() => expect(draft.graph.nodes[1]?.params).toEqual({ url: 'https://a.test' }));
  expect(draft.graph.nodes[0]).toMatchObject({ type: 'webhook', params: { path: 'orders' } });
  expect(draft.graph.edges).toEqual([
    { source: 'n1', source_output: 'main', target: 'n2', target_input: 'main' },
  ]);
});

const ONE: Graph = {
  nodes: [{ id: 'n1', type: 'http_call', name: 'Call', params: { url: 'a' }, position: [0, 0] }],
  edges: [],
};

async function openedNode(graph = ONE) {
  const app = opened(graph);
  await screen.findByRole('group', { name: /^Call/ });
  await app.user.keyboard('{Control>}a{/Control}');
  await screen.findByRole('complementary', { name: 'Node' });
  return app;
}

test('a deletion is undone and done again', async () => {
  const { user } = await openedNode();
  await user.keyboard('{Delete}');
  await waitFor(() => expect(screen.queryByRole('group', { name: /^Call/ })).toBeNull());
  await user.keyboard('{Control>}z{/Control}');
  expect(await screen.findByRole('group', { name: /^Call/ })).toBeInTheDocument();
  await user.keyboard('{Control>}{Shift>}z{/Shift}{/Control}');
  await waitFor(() => expect(screen.queryByRole('group', { name: /^Call/ })).toBeNull());
});

test('E leads to the first field of a node, and Escape back to the node', async () => {
  const { user } = await openedNode();
  await user.keyboard('e');
  expect(screen.getByRole('textbox', { name: /^URL/ })).toHaveFocus();
  await user.keyboard('{Escape}');
  expect(screen.getByRole('group', { name: /^Call/ })).toHaveFocus();
});

test('keys that stand for deeds are letters where somebody types', async () => {
  const { user, draft } = await openedNode();
  const name = screen.getByRole('textbox', { name: 'Name' });
  await user.clear(name);
  await user.type(name, 'Dnd{Enter}');
  await waitFor(() => expect(draft.graph.nodes[0]).toMatchObject({ name: 'Dnd' }));
  expect(draft.graph.nodes[0]?.disabled ?? false).toBe(false);
});

test('a parameter becomes an expression, and fixed again', async () => {
  const { user, draft } = await openedNode();
  const params = () => draft.graph.nodes[0]?.params;
  await user.click(screen.getByRole('button', { name: 'URL: expression' }));
  await waitFor(() => expect(params()).toEqual({ url: '=a' }));
  await user.click(screen.getByRole('button', { name: 'URL: expression' }));
  await waitFor(() => expect(params()).toEqual({ url: 'a' }));
});

test('names and values are entered in pairs', async () => {
  const { user, draft } = await openedNode();
  const headers = screen.getByRole('group', { name: 'Headers' });
  await user.click(within(headers).getByRole('button', { name: 'Add' }));
  await user.type(within(headers).getByLabelText('Headers: name 1'), 'X-A');
  await user.type(within(headers).getByLabelText('Headers: value 1'), 'one');
  await waitFor(() => expect(draft.graph.nodes[0]?.params.headers).toEqual({ 'X-A': 'one' }));
});

test('what the server says of a draft stands at the field that it is of', async () => {
  const app = opened(ONE);
  const errors = [{ path: 'nodes[0].params.url', code: 'invalid', message: 'This is no URL.' }];
  app.draft.errors = errors;
  await app.user.click(await screen.findByRole('button', { name: '1 problem' }));
  await app.user.click(await screen.findByRole('menuitem', { name: 'This is no URL. url' }));
  const panel = await screen.findByRole('complementary', { name: 'Node' });
  expect(await within(panel).findByText('This is no URL.')).toBeInTheDocument();
  expect(screen.getByRole('group', { name: 'Call, has faults' })).toBeInTheDocument();
});

test('a hint stands at its node, and is told before the draft is published', async () => {
  const app = opened(ONE);
  const message = 'Node “Call”: “{{ $json.a }}” is plain text; an expression begins with “=”.';
  app.draft.warnings = [{ path: 'nodes[0].params.url', code: 'looks_like_expression', message }];
  const told = '“{{ $json.a }}” is plain text; an expression begins with “=”.';
  const call = await screen.findByRole('group', { name: 'Call' });
  expect(await within(call).findByRole('img', { name: told })).toBeInTheDocument();
  await app.user.click(screen.getByRole('button', { name: 'Publish…' }));
  const hints = await screen.findByRole('list', { name: 'Hints' });
  expect(within(hints).getByText(message)).toBeVisible();
});

test('somebody else’s change is told, and one chooses', async () => {
  const { user, draft } = await openedNode();
  Object.assign(draft, { revision: 5, graph: { nodes: [], edges: [] } });
  await user.keyboard('d');
  expect(await screen.findByText('Somebody else has changed this draft')).toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'Keep mine' }));
  await saved();
  await waitFor(() => expect(draft.graph.nodes[0]).toMatchObject({ disabled: true }));
});

test('every deed is found by its name', async () => {
  const { user, draft } = await openedNode();
  await user.keyboard('{Control>}k{/Control}');
  expect(await screen.findByRole('combobox', { name: 'Search commands' })).toHaveFocus();
  await user.keyboard('dis{Enter}');
  await waitFor(() => expect(draft.graph.nodes[0]).toMatchObject({ disabled: true }));
});

/** The answers of a run of the one node, that took two items. */
const RAN = {
  'POST /workflows/f1/runs': run({ id: 'r9', status: 'pending' }),
  'GET /runs/r9': run({ id: 'r9', status: 'pending' }),
  'GET /runs/r9/steps': pageOf({
    id: 's',
    node: 'n1',
    input_json: { main: [{ json: { a: 1 } }, { json: { a: 2 } }] },
    output_json: { main: [{ json: { b: 3 } }] },
  }),
};

/** The run begins and ends well. */
async function finished({ socket }: Pick<ReturnType<typeof opened>, 'socket'>) {
  await waitFor(() => expect(JSON.stringify(socket().sent)).toContain('r9'));
  const event = { run: 'r9', at: '2026-01-01T00:00:00.000Z', iteration: 0 };
  const step = { ...event, step: 's', node: 'n1', attempt: 1 };
  socket().tell({ ...event, event: 'run_started', seq: 1 });
  socket().tell({ ...step, event: 'step_started', seq: 2 });
  socket().tell({ ...step, event: 'step_succeeded', seq: 3, items: { main: 1 } });
  socket().tell({ ...event, event: 'run_finished', seq: 4, status: 'completed' });
  await screen.findByRole('group', { name: 'Call, completed' });
}

const EXPRESSION: Graph = {
  nodes: [
    {
      id: 'n1',
      type: 'http_call',
      name: 'Call',
      params: { url: '={{ $json.a }}' },
      position: [0, 0],
    },
  ],
  edges: [],
};

test('an expression is tried on what its node took in the last run', async () => {
  const app = opened(EXPRESSION);
  app.answer('POST /expressions/evaluate', { value: 1, type: 'number', swallowed: null });
  await screen.findByRole('group', { name: /^Call/ });
  await app.user.keyboard('{Control>}a{/Control}');
  for (const [name, answer] of Object.entries(RAN)) app.answer(name, answer);
  await app.user.click(screen.getByRole('button', { name: 'Run the draft' }));
  await finished(app);
  expect(await screen.findByTitle('A number, for item 1 of the last run')).toHaveTextContent('1');
  expect(app.sent('GET /runs/r9/steps').at(-1)?.query.get('newest_of')).toBe('n1');
  const [asked] = app.sent('POST /expressions/evaluate');
  expect(JSON.parse(asked?.body ?? '')).toMatchObject({
    expression: '={{ $json.a }}',
    items: [{ json: { a: 1 } }, { json: { a: 2 } }],
  });
});

test('an expression is tried on integers beyond what JavaScript counts to, too', async () => {
  const pinned = { main: [{ json: { id: 12345678901234567890n } }] };
  const [call] = EXPRESSION.nodes;
  const app = opened({
    nodes: [
      { id: 'n0', type: 'http_call', name: 'First', params: {}, position: [0, 0], pinned },
      {
        id: 'n1',
        type: 'http_call',
        name: 'Call',
        params: { ...call?.params },
        position: [400, 0],
      },
    ],
    edges: [{ source: 'n0', source_output: 'main', target: 'n1', target_input: 'main' }],
  });
  app.answer('POST /expressions/evaluate', { value: 1, type: 'number', swallowed: null });
  (await screen.findByRole('group', { name: /^Call/ })).focus();
  await app.user.keyboard('{Enter}');
  await waitFor(() => expect(app.sent('POST /expressions/evaluate')).toHaveLength(1));
  const [asked] = app.sent('POST /expressions/evaluate');
  expect(asked?.body).toContain('"id": 12345678901234567890');
});

test('what a node gave in the last run is pinned, and unpinned again', async () => {
  const app = await openedNode();
  for (const [name, answer] of Object.entries(RAN)) app.answer(name, answer);
  await app.user.click(screen.getByRole('button', { name: 'Run the draft' }));
  await finished(app);
  await app.user.keyboard('{Control>}k{/Control}');
  await app.user.click(await screen.findByRole('option', { name: /^Pin what it gave/ }));
  await screen.findByText('HTTP Call, pinned');
  await waitFor(() =>
    expect(app.draft.graph.nodes[0]?.pinned).toEqual({ main: [{ json: { b: 3 } }] }),
  );
  await app.user.keyboard('p');
  await waitFor(() => expect(app.draft.graph.nodes[0]?.pinned).toBeNull());
});

const TWO: Graph = {
  nodes: [
    ...ONE.nodes,
    { id: 'n2', type: 'http_call', name: 'Then', params: { url: 'b' }, position: [400, 0] },
  ],
  edges: [{ source: 'n1', source_output: 'main', target: 'n2', target_input: 'main' }],
};

test('arrows walk the graph, and with Shift move what is selected', async () => {
  const { user, draft } = opened(TWO);
  await screen.findByRole('group', { name: 'Call' });
  await user.keyboard('{ArrowRight}');
  expect(await screen.findByRole('textbox', { name: 'Name' })).toHaveValue('Call');
  await user.keyboard('{ArrowRight}');
  await waitFor(() => expect(screen.getByRole('textbox', { name: 'Name' })).toHaveValue('Then'));
  await user.keyboard('{Shift>}{ArrowDown}{ArrowDown}{/Shift}');
  await waitFor(() => expect(draft.graph.nodes[1]?.position).toEqual([400, 20]));
});

test('a run to a node runs only what leads to it', async () => {
  const { user, answer, sent } = await openedNode();
  answer('POST /workflows/f1/runs', run({ id: 'r9', status: 'pending' }));
  await user.keyboard('{Control>}k{/Control}');
  await user.keyboard('run to here{Enter}');
  await waitFor(() =>
    expect(sent('POST /workflows/f1/runs')[0]?.body).toBe('{"version":"draft","stop_node":"n1"}'),
  );
});

test('the draft is run as it is here, and the run is seen on the graph', async () => {
  const { user, answer, sent, socket } = await openedNode();
  answer('POST /workflows/f1/runs', run({ id: 'r9', status: 'pending' }));
  await user.keyboard('d');
  await user.click(screen.getByRole('button', { name: 'Run the draft' }));
  await waitFor(() => expect(sent('POST /workflows/f1/runs')).toHaveLength(1));
  expect(sent('PUT /workflows/f1/draft')).toHaveLength(1);
  const event = { run: 'r9', at: '2026-01-01T00:00:00.000Z', iteration: 0 };
  await waitFor(() => expect(JSON.stringify(socket().sent)).toContain('r9'));
  socket().tell({ ...event, event: 'run_started', seq: 1 });
  socket().tell({ ...event, event: 'step_started', seq: 2, step: 's', node: 'n1', attempt: 1 });
  expect(await screen.findByRole('group', { name: 'Call, disabled, running' })).toBeInTheDocument();
});
