import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { Json } from '../api/types';
import { opened } from '../test/editor';
import type { ParamSchema } from './shape';

const DAYS = ['Monday', 'Tuesday'].map((title, at) => ({ const: at + 1, title }));
const TEXTS = { type: 'array', items: { type: 'string' } };
const ROOT: ParamSchema = {
  properties: {
    to: { title: 'To', anyOf: [{ type: 'string' }, TEXTS], default: '', examples: ['ada@x.org'] },
    on: { title: 'On', type: 'array', items: { oneOf: DAYS }, default: [] },
    statuses: { title: 'Statuses', type: 'array', items: { type: 'integer' } },
    values: { title: 'Values', type: 'array', items: {}, default: [] },
    where: { title: 'Where', type: 'array', items: { properties: { is: { title: 'Is' } } } },
  },
};

const TYPE = {
  ...{ type: 'listing', version: 1, label: 'Listing', group: 'actions', description: '' },
  ...{ inputs: ['main'], outputs: ['main'], kind: 'effect', docs: '', example: null },
  params_schema: ROOT,
  ui: { credentials: [], credentials_by: {} },
};

async function shown(params: Record<string, Json>, errors: object[] = []) {
  const node = { id: 'n1', type: 'listing', name: 'Lists', params };
  const { answer, user, draft } = opened({ nodes: [node], edges: [] });
  draft.errors = errors;
  answer('GET /node-types', { results: [TYPE] });
  (await screen.findByRole('group', { name: /^Lists/ })).focus();
  await user.keyboard('{Enter}');
  await screen.findByRole('textbox', { name: 'To' });
  return { user, now: () => draft.graph.nodes[0]?.params ?? {} };
}

test('a text that may also be a list is typed as it is', async () => {
  const { user, now } = await shown({});
  const to = screen.getByRole('textbox', { name: 'To' });
  expect(to).toHaveAttribute('placeholder', 'ada@x.org');
  await user.type(to, 'boss@example.org, ada@x.org');
  await waitFor(() => expect(now()).toEqual({ to: 'boss@example.org, ada@x.org' }));
});

test('a list that may also be a text stays one, with a line for each', async () => {
  const { user, now } = await shown({ to: ['"Doe, Jo" <jo@x.org>', 'ada@x.org'] });
  const to = screen.getByRole('textbox', { name: 'To' });
  expect(to).toHaveValue('"Doe, Jo" <jo@x.org>\nada@x.org');
  await user.type(to, '\nboss@x.org');
  await waitFor(() =>
    expect(now().to).toEqual(['"Doe, Jo" <jo@x.org>', 'ada@x.org', 'boss@x.org']),
  );
});

test('some of a few are ticked, in their order, and others in the list stay', async () => {
  const { user, now } = await shown({ on: [2, 9] });
  await user.click(screen.getByRole('checkbox', { name: 'Monday' }));
  await waitFor(() => expect(now().on).toEqual([1, 2, 9]));
  await user.click(screen.getByRole('checkbox', { name: 'Tuesday' }));
  await waitFor(() => expect(now().on).toEqual([1, 9]));
});

test('numbers are typed with commas between', async () => {
  const { user, now } = await shown({ statuses: [404] });
  const field = screen.getByRole('textbox', { name: 'Statuses' });
  expect(field).toHaveValue('404');
  await user.type(field, ', 410');
  await waitFor(() => expect(now().statuses).toEqual([404, 410]));
});

test('values have a field each, and one of them may be an expression', async () => {
  const { user, now } = await shown({ values: [7] });
  await user.type(screen.getByRole('textbox', { name: 'Values: 1' }), '0');
  const values = within(screen.getByRole('group', { name: 'Values' }));
  await user.click(values.getByRole('button', { name: 'Add' }));
  await user.type(screen.getByRole('textbox', { name: 'Values: 2' }), '08');
  await user.click(screen.getByRole('button', { name: 'Values: 2: expression' }));
  await waitFor(() => expect(now().values).toEqual([70, '=08']));
});

test('what is wrong with an entry is told at its list', async () => {
  const fault = {
    path: 'nodes[0].params.statuses[1]',
    code: 'invalid_param',
    message: 'No number',
  };
  await shown({ statuses: [404, 'gone'] }, [fault]);
  expect(await screen.findByRole('alert')).toHaveTextContent('No number');
});

test('a number among values is typed on behind its point', async () => {
  const { user, now } = await shown({ values: [1] });
  await user.type(screen.getByRole('textbox', { name: 'Values: 1' }), '.05');
  await waitFor(() => expect(now().values).toEqual([1.05]));
});

test('an entry that comes in the place of another keeps the type of its own value', async () => {
  const { user, now } = await shown({ where: [{ is: 1 }, { is: '2' }] });
  await user.click(screen.getByRole('button', { name: 'Where: take 1 away' }));
  await user.type(screen.getByRole('textbox', { name: 'Is' }), '3');
  await waitFor(() => expect(now().where).toEqual([{ is: '23' }]));
});
