import { screen, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';
import { caretIn, editorOf } from '../test/code';
import { opened } from '../test/editor';

const TYPE = {
  ...{ type: 'sender', version: 1, label: 'Sender', group: 'actions', description: '' },
  ...{ inputs: ['main'], outputs: ['main'], kind: 'effect', docs: '', example: null },
  params_schema: { properties: { body: { type: 'object', title: 'Body' } } },
  ...{ keywords: [], ui: { credentials: [], credentials_by: {} } },
};

test('what is no JSON yet is told, and is there again when its node is opened anew', async () => {
  const nodes = ['First', 'Second'].map((name) => ({ id: name, type: 'sender', name, params: {} }));
  const { answer, user, draft } = opened({ nodes, edges: [] });
  answer('GET /node-types', { results: [TYPE] });
  const open = async (name: string) => {
    (await screen.findByRole('group', { name: RegExp(`^${name}`) })).focus();
    await user.keyboard('{Enter}');
    await screen.findByRole('heading', { name });
    return editorOf('Body');
  };
  caretIn(await open('First'), 0, '{"a":');
  expect(await screen.findByRole('alert')).toHaveTextContent('It is no JSON yet: not saved.');
  expect((await open('Second')).state.doc.toString()).toBe('');
  expect(screen.getByRole('button', { name: '1 problem' })).toBeInTheDocument();
  const body = await open('First');
  expect(body.state.doc.toString()).toBe('{"a":');
  caretIn(body, 5, '1}');
  await waitFor(() => expect(draft.graph.nodes[0]?.params).toEqual({ body: { a: 1 } }));
  expect(screen.queryByRole('button', { name: '1 problem' })).not.toBeInTheDocument();
});

test('a field of the input that comes in its place is all that is left to be told', async () => {
  const pinned = { main: [{ json: { id: 7 } }] };
  const nodes = [
    { id: 'n1', type: 'sender', name: 'First', params: {}, pinned },
    { id: 'n2', type: 'sender', name: 'Second', params: {} },
  ];
  const edge = { source: 'n1', source_output: 'main', target: 'n2', target_input: 'main' };
  const { answer, user, draft } = opened({ nodes, edges: [edge] });
  answer('GET /node-types', { results: [TYPE] });
  (await screen.findByRole('group', { name: /^Second/ })).focus();
  await user.keyboard('{Enter}');
  const body = await editorOf('Body');
  body.focus();
  caretIn(body, 0, '{"a":');
  await screen.findByRole('button', { name: '1 problem' });
  await user.click(screen.getByText('Data for this node'));
  await user.click(screen.getByRole('button', { name: 'Use $json.id' }));
  await waitFor(() => expect(draft.graph.nodes[1]?.params.body).toBe('={{ $json.id }}'));
  expect(screen.queryByRole('button', { name: '1 problem' })).not.toBeInTheDocument();
});
