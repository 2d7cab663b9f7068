import { EditorView } from '@codemirror/view';
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { Json } from '../api/types';
import { caretIn, editorOf } from '../test/code';
import { opened, saved } from '../test/editor';
import { pageOf } from '../test/renderApp';

const TYPE = {
  ...{ type: 'sender', version: 1, label: 'Sender', group: 'actions', description: '' },
  ...{ inputs: ['main'], outputs: ['main'], kind: 'effect', docs: '', example: null },
  params_schema: {
    properties: {
      body: { type: 'object', title: 'Body' },
      parts: {
        type: 'array',
        title: 'Parts',
        items: { properties: { data: { type: 'object', title: 'Data' } } },
      },
      headers: { type: 'object', title: 'Headers', 'x-widget': 'key-values' },
    },
  },
  ...{ keywords: [], ui: { credentials: [], credentials_by: {} } },
};

/** An editor of two nodes, and what opens one of them. */
function sending(params: Record<string, Json> = {}, stored: Record<string, string> = {}) {
  const nodes = ['First', 'Second'].map((name) => ({ id: name, type: 'sender', name, params }));
  const app = opened({ nodes, edges: [] }, '/workflows/f1/edit', stored);
  app.answer('GET /node-types', { results: [TYPE] });
  const open = async (name: string) => {
    (await screen.findByRole('group', { name: RegExp(`^${name}`) })).focus();
    await app.user.keyboard('{Enter}');
    await screen.findByRole('heading', { name });
  };
  return { ...app, open, paramsOf: (place: number) => app.draft.graph.nodes[place]?.params };
}

const textOf = async (label: string) => (await editorOf(label)).state.doc.toString();

test('what is no JSON yet is told, and is there again when its node is opened anew', async () => {
  const { open, paramsOf } = sending();
  await open('First');
  caretIn(await editorOf('Body'), 0, '{"a":');
  expect(await screen.findByRole('alert')).toHaveTextContent('It is no JSON yet: not saved.');
  await open('Second');
  expect(await textOf('Body')).toBe('');
  expect(screen.getByRole('button', { name: '1 problem' })).toBeInTheDocument();
  await open('First');
  const body = await editorOf('Body');
  expect(body.state.doc.toString()).toBe('{"a":');
  caretIn(body, 5, '1}');
  await waitFor(() => expect(paramsOf(0)).toEqual({ body: { a: 1 } }));
  expect(screen.queryByRole('button', { name: '1 problem' })).not.toBeInTheDocument();
});

test('who publishes is told what cannot be read yet, for it is not in what is published', async () => {
  const { open, user } = sending();
  await open('First');
  caretIn(await editorOf('Body'), 0, '{"a":');
  await screen.findByRole('alert');
  await user.click(screen.getByRole('button', { name: 'Publish…' }));
  const told = await screen.findByRole('list', { name: 'What cannot be read yet' });
  expect(told).toHaveTextContent('Node “First” (First): It is no JSON yet: not saved.');
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

test('in an entry of a list it is kept too, and goes where its entry goes', async () => {
  const { open, user, paramsOf } = sending({ parts: [{}, {}, {}] });
  await open('First');
  await waitFor(() => expect(screen.getAllByRole('textbox', { name: 'Data' })).toHaveLength(3));
  const texts = () =>
    screen
      .getAllByRole('textbox', { name: 'Data' })
      .map((field) => EditorView.findFromDOM(field)?.state.doc.toString());
  await waitFor(() => expect(texts()).toEqual(['', '', '']));
  const [, , last] = screen.getAllByRole('textbox', { name: 'Data' });
  caretIn(EditorView.findFromDOM(last as HTMLElement) as EditorView, 0, '{"a":');
  await user.click(screen.getByRole('button', { name: 'Parts: move 3 up' }));
  await open('Second');
  await open('First');
  await waitFor(() => expect(texts()).toEqual(['', '{"a":', '']));
  expect(screen.getByRole('button', { name: '1 problem' })).toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'Parts: take 2 away' }));
  await waitFor(() => expect(texts()).toEqual(['', '']));
  expect(screen.queryByRole('button', { name: '1 problem' })).not.toBeInTheDocument();
  await waitFor(() => expect(paramsOf(0)).toEqual({ parts: [{}, {}] }));
});

test('a value without a name is told, and kept until it has one', async () => {
  const { open, user, paramsOf } = sending({ headers: { 'X-A': 'one' } });
  await open('First');
  const headers = () => within(screen.getByRole('group', { name: 'Headers' }));
  await user.click(headers().getByRole('button', { name: 'Add' }));
  expect(screen.queryByRole('button', { name: '1 problem' })).not.toBeInTheDocument();
  await user.type(headers().getByLabelText('Headers: value 2'), 'two');
  expect(await screen.findByRole('button', { name: '1 problem' })).toBeInTheDocument();
  await open('Second');
  await open('First');
  expect(headers().getByLabelText('Headers: value 2')).toHaveValue('two');
  await user.type(headers().getByLabelText('Headers: name 2'), 'X-B');
  await waitFor(() => expect(paramsOf(0)).toEqual({ headers: { 'X-A': 'one', 'X-B': 'two' } }));
  expect(screen.queryByRole('button', { name: '1 problem' })).not.toBeInTheDocument();
});

/** What the browser keeps of drafts. */
const kept = () =>
  Object.entries<string>(window.localStorage).filter(([key]) => key.startsWith('ff-unsaved:'));

/** Whether a window that closes now asks first. */
const isAskedFirst = () => !fireEvent(window, new Event('beforeunload', { cancelable: true }));

test('who leaves with a text that is no JSON yet is warned, and is offered it again', async () => {
  const { open, user, answer } = sending();
  answer('GET /workspaces/w1/workflows', pageOf());
  await open('First');
  expect(isAskedFirst()).toBe(false);
  caretIn(await editorOf('Body'), 0, '{"a":');
  await saved();
  expect(isAskedFirst()).toBe(true);
  await user.click(screen.getByRole('link', { name: 'Workflows' }));
  await waitFor(() => expect(kept()).toHaveLength(1));
  const again = sending({}, Object.fromEntries(kept()));
  await again.user.click(await screen.findByRole('button', { name: 'Take them in' }));
  expect(await screen.findByRole('button', { name: '1 problem' })).toBeInTheDocument();
  await again.open('First');
  expect(await textOf('Body')).toBe('{"a":');
});
