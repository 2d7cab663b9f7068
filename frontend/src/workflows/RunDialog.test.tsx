import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { pageOf, Problem, renderApp, run, workflow } from '../test/renderApp';

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
    'GET /workflows': pageOf(workflow()),
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
  await app.user.click(within(dialog).getByRole('button', { name: 'Start the run' }));
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
  await app.user.click(await screen.findByRole('button', { name: 'Start the run' }));
  const customer = await screen.findByLabelText(/Customer/);
  await waitFor(() => expect(customer).toBeInvalid());
  expect(customer).toHaveAccessibleDescription(/This is missing\./);
  expect(screen.getByText('[1]: It must be text.')).toBeVisible();
  expect(screen.getByRole('alert')).toHaveTextContent('input[0] It has too many fields.');
});

test('faults that all stand at fields are not told twice', async () => {
  const app = workflowAsking(SCHEMA, { [RUNS]: refused(['input[0].customer', 'It is missing.']) });
  await app.user.click(await screen.findByRole('button', { name: 'Run with input…' }));
  await app.user.click(await screen.findByRole('button', { name: 'Start the run' }));
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

test('from the list it is asked for once it turns out to be needed', async () => {
  const app = workflowAsking(SCHEMA, { [RUNS]: refused(['input[0].customer', 'It is missing.']) });
  await app.user.click(await screen.findByRole('link', { name: 'Workflows' }));
  await screen.findByRole('table', { name: 'Workflows' });
  await app.user.click(screen.getByRole('button', { name: 'Run now' }));
  const dialog = await screen.findByRole('dialog');
  expect(await within(dialog).findByLabelText(/Customer/)).toBeVisible();
  expect(screen.queryByText(/was not started/)).toBeNull();
  await app.user.click(within(dialog).getByRole('button', { name: 'Close' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});
