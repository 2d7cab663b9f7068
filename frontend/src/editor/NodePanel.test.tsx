import { fireEvent, screen, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { Graph } from '../api/types';
import { opened } from '../test/editor';
import { pageOf } from '../test/renderApp';

const OF_TEXT = {
  type: 'string',
  operations: [
    { name: 'equals', meaning: 'is equal to' },
    { name: 'exists', meaning: 'exists: is not null' },
  ],
};

/** A type with everything that its schema alone brings into a form. */
const RICH = {
  type: 'rich',
  version: 1,
  label: 'Rich',
  group: 'actions',
  description: 'Does much.',
  inputs: ['main'],
  outputs: ['main'],
  kind: 'effect',
  docs: '',
  example: null,
  keywords: [],
  params_schema: {
    'x-preview': 'schedule',
    $defs: { Operator: { 'x-operations': [OF_TEXT] } },
    properties: {
      mode: { enum: ['by_mail', 'by_slack'], default: 'by_mail', title: 'Mode' },
      conditions: { type: 'object', title: 'Conditions', 'x-widget': 'conditions' },
      credential: { type: 'string', title: 'Credential', 'x-widget': 'credential' },
    },
  },
  ui: { credentials: ['smtp'], credentials_by: {} },
};

const CREDENTIALS = [
  { id: 'c1', name: 'Post office', type: 'smtp' },
  { id: 'c2', name: 'A bot', type: 'slack' },
  { id: 'c3', name: 'Mail of sales', type: 'smtp' },
  { id: 'c4', name: 'The last of many', type: 'smtp' },
];

async function openedRich(type: object = RICH) {
  const app = opened({
    nodes: [{ id: 'n1', type: 'rich', name: 'Call', params: {}, position: [0, 0] }],
    edges: [],
  });
  app.answer('GET /node-types', { results: [type] });
  app.answer('GET /credentials', ({ query }: { query: URLSearchParams }) =>
    pageOf(
      ...CREDENTIALS.filter(
        ({ name, type }) =>
          query.getAll('type').includes(type) && name.includes(query.get('search') ?? ''),
      ).slice(0, 2),
    ),
  );
  app.answer('POST /schedules/preview', {
    sentence: 'Every hour',
    timezone: 'Europe/Riga',
    results: [{ at: '2026-03-02T06:00:00Z', local: '2026-03-02T08:00:00+02:00', clock_moved_s: 0 }],
  });
  await screen.findByRole('group', { name: /^Call/ });
  await app.user.keyboard('{Control>}a{/Control}');
  await screen.findByRole('complementary', { name: 'Node' });
  return app;
}

test('a request is listened for beside whatever params say so', async () => {
  await openedRich({ ...RICH, params_schema: { 'x-preview': 'request', properties: {} } });
  expect(await screen.findByRole('heading', { name: 'Try it out' })).toBeInTheDocument();
});

test('choices are in words, and both sides of a condition may be expressions', async () => {
  const { user, draft } = await openedRich();
  expect(screen.getByRole('combobox', { name: 'Mode' })).toHaveValue('By mail');
  await user.click(screen.getByRole('button', { name: 'Add a condition' }));
  const right = 'Conditions 1: right side';
  await user.type(await screen.findByRole('textbox', { name: right }), 'x');
  await user.click(screen.getByRole('button', { name: 'Conditions 1: left side: expression' }));
  await user.click(screen.getByRole('button', { name: `${right}: expression` }));
  await waitFor(() =>
    expect(draft.graph.nodes[0]?.params.conditions).toMatchObject({
      conditions: [{ leftValue: '', rightValue: '=x' }],
    }),
  );
});

test('only credentials that the node takes are offered, and a way to make one', async () => {
  const { user } = await openedRich();
  await user.click(screen.getByRole('combobox', { name: 'Credential' }));
  expect(await screen.findByRole('option', { name: 'Post office' })).toBeInTheDocument();
  expect(screen.queryByRole('option', { name: 'A bot' })).toBeNull();
  const link = screen.getByRole('link', { name: 'Create a credential' });
  expect(link).toHaveAttribute('href', '/credentials?new=smtp');
});

test('a credential is looked for by the server, and named though it is not among the first', async () => {
  const { user, answer, draft } = await openedRich();
  answer('GET /credentials/c4', CREDENTIALS[3] as object);
  const picker = screen.getByRole('combobox', { name: 'Credential' });
  await user.click(picker);
  expect(await screen.findByRole('option', { name: 'Post office' })).toBeInTheDocument();
  expect(screen.queryByRole('option', { name: 'The last of many' })).toBeNull();
  await user.type(picker, 'last');
  await user.click(await screen.findByRole('option', { name: 'The last of many' }));
  await waitFor(() => expect(draft.graph.nodes[0]?.params.credential).toBe('c4'));
  expect(picker).toHaveValue('The last of many');
});

test('the form of a schedule shows its next times', async () => {
  await openedRich();
  const times = await screen.findByRole('list', { name: 'Next times' });
  expect(times).toHaveTextContent('Mon 2 Mar 2026, 08:00');
});

const FED: Graph = {
  nodes: [
    {
      id: 'n1',
      type: 'webhook',
      name: 'Hook',
      params: {},
      position: [0, 0],
      pinned: { main: [{ json: { order: { id: 7 } } }] },
    },
    { id: 'n2', type: 'http_call', name: 'Call', params: { url: '' }, position: [400, 0] },
  ],
  edges: [{ source: 'n1', source_output: 'main', target: 'n2', target_input: 'main' }],
};

test('a field of the input is mapped to the parameter that had the focus', async () => {
  const { user, draft } = opened(FED);
  await screen.findByRole('group', { name: 'Call' });
  await user.keyboard('{ArrowRight}{ArrowRight}');
  await user.click(await screen.findByRole('textbox', { name: /^URL/ }));
  await user.click(screen.getByText('Data for this node'));
  await user.click(screen.getByRole('button', { name: 'Use $json.order.id' }));
  await waitFor(() => expect(draft.graph.nodes[1]?.params.url).toBe('={{ $json.order.id }}'));
});

const FORKED: Graph = {
  nodes: [
    ...FED.nodes,
    { id: 'n3', type: 'http_call', name: 'Then', params: { url: '' }, position: [800, 0] },
  ],
  edges: [
    ...FED.edges,
    { source: 'n1', source_output: 'main', target: 'n3', target_input: 'main' },
  ],
};

test('no field is mapped to a node that was left', async () => {
  const { user, draft } = opened(FORKED);
  (await screen.findByRole('group', { name: 'Call' })).focus();
  await user.keyboard('{Enter}');
  await user.click(await screen.findByRole('textbox', { name: /^URL/ }));
  screen.getByRole('group', { name: 'Then' }).focus();
  await user.keyboard('{Enter}');
  await waitFor(() => expect(screen.getByRole('textbox', { name: 'Name' })).toHaveValue('Then'));
  await user.click(screen.getByText('Data for this node'));
  await user.click(screen.getByRole('button', { name: 'Use $json.order.id' }));
  await user.click(screen.getByRole('textbox', { name: /^URL/ }));
  await user.click(screen.getByRole('button', { name: 'Use $json.order' }));
  await waitFor(() => expect(draft.graph.nodes[2]?.params.url).toBe('={{ $json.order }}'));
  expect(draft.graph.nodes[1]?.params.url).toBe('');
});

test('a timeout that is emptied is none of the node’s own', async () => {
  const { user, draft } = opened(FED);
  (await screen.findByRole('group', { name: 'Call' })).focus();
  await user.keyboard('{Enter}');
  await user.click(await screen.findByRole('tab', { name: 'Settings' }));
  const timeout = screen.getByRole('textbox', { name: /^Timeout/ });
  expect(timeout).toHaveValue('');
  await user.type(timeout, '5');
  await waitFor(() => expect(draft.graph.nodes[1]?.timeout_s).toBe(5));
  await user.clear(timeout);
  await waitFor(() => expect(draft.graph.nodes[1]).not.toHaveProperty('timeout_s'));
  expect(timeout).toHaveValue('');
});

test('when a node is tried again is asked once it is, and what it takes and gives', async () => {
  const { user, draft } = opened(FED);
  (await screen.findByRole('group', { name: 'Call' })).focus();
  await user.keyboard('{Enter}');
  await user.click(await screen.findByRole('tab', { name: 'Settings' }));
  expect(screen.queryByRole('textbox', { name: /^Wait/ })).toBeNull();
  await user.type(screen.getByRole('textbox', { name: /^Attempts/ }), '3');
  await user.type(await screen.findByRole('textbox', { name: /^Wait/ }), '9');
  await user.click(screen.getByRole('checkbox', { name: /^Vary/ }));
  await user.click(screen.getByRole('combobox', { name: 'After these errors' }));
  await user.click(await screen.findByRole('option', { name: 'No answer in time' }));
  await user.click(screen.getByRole('checkbox', { name: /first item/ }));
  await user.click(screen.getByRole('checkbox', { name: /empty item/ }));
  await waitFor(() =>
    expect(draft.graph.nodes[1]).toMatchObject({
      retry: { count: 3, wait_s: 9, jitter: false, on: ['timeout'] },
      run_once: true,
      always_output: true,
    }),
  );
});

test('it is said into which field the data go', async () => {
  const { user } = opened(FED);
  (await screen.findByRole('group', { name: 'Call' })).focus();
  await user.keyboard('{Enter}');
  await user.click(await screen.findByText('Data for this node'));
  expect(screen.getByText(/^Go to a field of the form/)).toBeInTheDocument();
  await user.click(await screen.findByRole('textbox', { name: /^URL/ }));
  expect(screen.getByText('“Use” writes into “URL”.')).toBeInTheDocument();
});

test('a field that is dropped on a parameter becomes its expression', async () => {
  const { user, draft } = opened(FED);
  await screen.findByRole('group', { name: 'Call' });
  await user.keyboard('{ArrowRight}{ArrowRight}');
  const url = await screen.findByRole('textbox', { name: /^URL/ });
  const getData = (type: string) => (type === 'text/plain' ? '' : "$('Hook').item.json.order");
  fireEvent.drop(url, { dataTransfer: { getData, types: [] } });
  await waitFor(() =>
    expect(draft.graph.nodes[1]?.params.url).toBe("={{ $('Hook').item.json.order }}"),
  );
});

test("another node's form begins at its top", async () => {
  const { user } = opened({
    nodes: ['First', 'Second'].map((name) => ({ id: name, type: 'rich', name, params: {} })),
    edges: [],
  });
  const choose = async (name: string) => {
    (await screen.findByRole('group', { name: RegExp(`^${name}`) })).focus();
    await user.keyboard('{Enter}');
    await screen.findByRole('heading', { name });
    return screen.getByRole('complementary', { name: 'Node' }).lastElementChild as HTMLElement;
  };
  const form = await choose('First');
  form.scrollTop = 300;
  expect((await choose('Second')).scrollTop).toBe(0);
});
