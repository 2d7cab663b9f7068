import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { listed, pageOf, Problem, renderApp, run, workflow } from '../test/renderApp';

const SCHEMA = {
  type: 'object',
  required: ['customer', 'copies'],
  properties: {
    customer: { type: 'string', title: 'Customer', description: 'Who ordered.' },
    copies: { type: 'integer', title: 'Copies', default: 1 },
    plan: { enum: ['free', 'team'], title: 'Plan' },
    rush: { type: 'boolean', title: 'Rush' },
    tags: { type: 'array', items: { type: 'string' }, title: 'Tags' },
    address: { type: 'object', title: 'Address' },
  },
};
const RUNS = 'POST /workflows/f1/runs';
const refused = (...faults: [string, string][]) =>
  new Problem(
    422,
    'The run cannot be started.',
    faults.map(([path, message]) => ({ path, code: 'invalid_value', message })),
  );

/** The page of a workflow whose manual trigger has this schema. */
function workflowAsking(input_schema: object, answers: Record<string, object> = {}) {
  const start = { id: 's', type: 'manual', name: 'Start', params: { input_schema } };
  return renderApp('/workflows/f1', {
    'GET /workflows/f1': workflow(),
    'GET /workflows': pageOf(listed()),
    'GET /workflows/f1/versions/3': { graph: { nodes: [start], edges: [] } },
    'GET /runs': pageOf(),
    [RUNS]: run(),
    ...answers,
  });
}

test('a typed workflow is started by a form, and sends what was entered', async () => {
  const app = workflowAsking(SCHEMA);
  await screen.findByRole('group', { name: /Start/ });
  await app.user.click(screen.getByRole('button', { name: 'Run now' }));
  const dialog = await screen.findByRole('dialog');
  await app.user.type(within(dialog).getByLabelText(/Customer/), 'Ada');
  expect(within(dialog).getByLabelText(/Copies/)).toHaveValue('1');
  expect(within(dialog).getByText('Who ordered.')).toBeVisible();
  await app.user.click(within(dialog).getByLabelText('Rush'));
  await app.user.type(within(dialog).getByLabelText('Tags'), 'new, old{Enter}urgent');
  await app.user.click(within(dialog).getByLabelText('Address'));
  await app.user.paste('{"city": "Riga"}');
  await app.user.click(within(dialog).getByRole('button', { name: 'Run' }));
  await waitFor(() => expect(app.path()).toBe('/runs/r1'));
  expect(app.sent(RUNS)[0]?.body).toBe(
    '{"input":{"customer":"Ada","copies":1,"rush":true,"tags":["new, old","urgent"],"address":{"city": "Riga"}}}',
  );
});

test('faults stand at their fields, those of no field below', async () => {
  const answer = refused(
    ['input[0].customer', 'This is missing.'],
    ['input[0].tags[1]', 'It must be text.'],
    ['input[0]', 'It has too many fields.'],
  );
  const app = workflowAsking(SCHEMA, { [RUNS]: answer });
  await app.user.click(await screen.findByRole('button', { name: 'Run with input…' }));
  await app.user.click(await screen.findByRole('button', { name: 'Run' }));
  const customer = await screen.findByLabelText(/Customer/);
  await waitFor(() => expect(customer).toBeInvalid());
  expect(customer).toHaveAccessibleDescription(/This is missing\./);
  expect(screen.getByText('[1]: It must be text.')).toBeVisible();
  expect(screen.getByRole('alert')).toHaveTextContent('input[0] It has too many fields.');
});

test('faults that all stand at fields are not told twice', async () => {
  const app = workflowAsking(SCHEMA, { [RUNS]: refused(['input[0].customer', 'It is missing.']) });
  await app.user.click(await screen.findByRole('button', { name: 'Run with input…' }));
  await app.user.click(await screen.findByRole('button', { name: 'Run' }));
  expect(await screen.findByText('It is missing.')).toBeVisible();
  expect(screen.queryByRole('alert')).toBeNull();
});

test('what was entered goes over into JSON and back', async () => {
  const app = workflowAsking(SCHEMA);
  await app.user.click(await screen.findByRole('button', { name: 'Run with input…' }));
  await app.user.type(await screen.findByLabelText(/Customer/), 'Ada');
  await app.user.click(screen.getByText('As JSON'));
  const json = screen.getByLabelText('Input');
  expect(JSON.parse((json as HTMLTextAreaElement).value)).toEqual({ customer: 'Ada', copies: 1 });
  await app.user.clear(json);
  await app.user.click(json);
  await app.user.paste('[{"customer": "Grace", "copies": 5}]');
  await app.user.click(screen.getByText('Form'));
  expect(screen.getByLabelText(/Customer/)).toHaveValue('Grace');
  expect(screen.getByLabelText(/Copies/)).toHaveValue('5');
});

test('JSON that no form can hold stays JSON', async () => {
  const app = workflowAsking(SCHEMA);
  await app.user.click(await screen.findByRole('button', { name: 'Run with input…' }));
  await app.user.click(await screen.findByText('As JSON'));
  const json = screen.getByLabelText('Input');
  await app.user.clear(json);
  await app.user.click(json);
  await app.user.paste('[{"customer": "Ada"}, {"customer": "Grace"}]');
  expect(screen.getByRole('radio', { name: 'Form' })).toBeDisabled();
});

test('where all has a default, the run starts with one click', async () => {
  const app = workflowAsking({ properties: { n: { default: 1 } }, required: ['n'] });
  await screen.findByRole('group', { name: /Start/ });
  await app.user.click(screen.getByRole('button', { name: 'Run now' }));
  await waitFor(() => expect(app.path()).toBe('/runs/r1'));
  expect(app.sent(RUNS)[0]?.body).toBe('{}');
});

test('from the list it is asked for, too, before anything is started', async () => {
  const app = workflowAsking(SCHEMA);
  await app.user.click(await screen.findByRole('link', { name: 'Workflows' }));
  await screen.findByRole('table', { name: 'Workflows' });
  await app.user.click(screen.getByRole('button', { name: 'Run now' }));
  const dialog = await screen.findByRole('dialog');
  expect(await within(dialog).findByLabelText(/Customer/)).toBeVisible();
  expect(app.sent(RUNS)).toEqual([]);
  await app.user.click(within(dialog).getByRole('button', { name: 'Close' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});

const ERROR = { id: 'e', type: 'error', name: 'Failed', params: {} };
const SCHEDULE = { id: 't', type: 'schedule', name: 'Tick', params: {} };
const TYPES = [
  { type: 'error', label: 'Error', kind: 'trigger', example: { version: 7 } },
  { type: 'schedule', label: 'Schedule', kind: 'trigger', example: {} },
  { type: 'no_operation', label: 'No Operation', kind: 'pure', example: null },
];

async function runFromList(...nodes: object[]) {
  const app = renderApp('/workflows', {
    'GET /workflows': pageOf(listed()),
    'GET /workflows/f1/versions/3': { graph: { nodes, edges: [] } },
    'GET /node-types': { results: TYPES },
    'GET /runs/r1': run(),
    [RUNS]: run(),
  });
  await app.user.click(await screen.findByRole('button', { name: 'Run now' }));
  return app;
}

test('a run that begins at no manual node asks first, with an example of its trigger', async () => {
  const app = await runFromList({ id: 'n', type: 'no_operation', name: 'No', params: {} }, ERROR);
  const dialog = await screen.findByRole('dialog');
  expect(await within(dialog).findByText(/The run begins at/)).toHaveTextContent('Failed (Error)');
  expect(within(dialog).getByLabelText('Input')).toHaveValue('{\n  "version": 7\n}');
  expect(app.sent(RUNS)).toEqual([]);
  await app.user.click(within(dialog).getByRole('button', { name: 'Run' }));
  await waitFor(() => expect(app.path()).toBe('/runs/r1'));
  expect(app.sent(RUNS)[0]?.body).toBe('{"input":{\n  "version": 7\n}}');
});

test('what a trigger is pinned to stands for its example', async () => {
  await runFromList({ ...ERROR, pinned: { main: [{ json: { version: 9 } }] } });
  const input = await screen.findByLabelText('Input');
  expect(JSON.parse((input as HTMLTextAreaElement).value)).toEqual([{ json: { version: 9 } }]);
});

test('of a schedule it is said how it is run with its real item', async () => {
  await runFromList(SCHEDULE);
  expect(await screen.findByText(/“Run the schedule now”, beside the node/)).toBeVisible();
});

test('a manual node goes before other triggers, and starts at once', async () => {
  const app = await runFromList(SCHEDULE, { id: 's', type: 'manual', name: 'Start', params: {} });
  await waitFor(() => expect(app.path()).toBe('/runs/r1'));
  expect(app.sent(RUNS)[0]?.body).toBe('{}');
});

test('a graph that nothing can start says so instead of asking', async () => {
  await runFromList({ id: 'n', type: 'no_operation', name: 'No', params: {} });
  expect(await screen.findByText('Nothing can start it')).toBeVisible();
});
