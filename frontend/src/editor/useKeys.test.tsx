import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { Graph } from '../api/types';
import { editorOf } from '../test/code';
import { opened } from '../test/editor';
import { pageOf, run } from '../test/renderApp';

const call = (id: string, name: string, x: number) => ({
  id,
  type: 'http_call',
  name,
  params: { url: '={{ 1 }}' },
  position: [x, 0] as [number, number],
});
const GRAPH: Graph = { nodes: [call('n1', 'Call', 0), call('n2', 'Then', 300)], edges: [] };

/** The editor with its first node selected, and moved once: there is what can be undone. */
async function atWork() {
  const app = opened(GRAPH);
  app.answer('POST /workflows/f1/runs', run({ id: 'r9', status: 'pending' }));
  app.answer('GET /runs/r9', run({ id: 'r9', status: 'pending' }));
  app.answer('GET /runs', pageOf());
  (await screen.findByRole('group', { name: 'Call' })).focus();
  await app.user.keyboard('{Enter}{Shift>}{ArrowDown}{/Shift}');
  await screen.findByRole('button', { name: /^Undo: / });
  return { ...app, runs: () => app.sent('POST /workflows/f1/runs') };
}

/** Each of these would change the graph, or open something. */
const KEYS = '{Delete}dpn{ArrowRight}{Control>}z{/Control}{Control>}{Enter}{/Control}';

function expectNothingDone({ runs }: Awaited<ReturnType<typeof atWork>>) {
  expect(screen.getByRole('button', { name: 'Undo: move' })).toBeEnabled();
  expect(screen.getByRole('button', { name: 'Redo' })).toBeDisabled();
  expect(document.querySelectorAll('[data-selected]')).toHaveLength(1);
  expect(screen.queryByRole('combobox', { name: 'Search node types' })).toBeNull();
  expect(runs()).toHaveLength(0);
}

test('no key acts on the canvas while a dialog is open above it', async () => {
  const app = await atWork();
  await app.user.keyboard('{Control>}s{/Control}');
  const dialog = await screen.findByRole('dialog', { name: 'Keep the draft as a version' });
  within(dialog).getByRole('button', { name: 'Not now' }).focus();
  await app.user.keyboard(KEYS);
  within(dialog).getByRole('textbox', { name: 'Note' }).focus();
  await app.user.keyboard('{Control>}{Enter}{/Control}');
  expectNothingDone(app);
});

test('no key acts on the canvas while a menu is open above it', async () => {
  const app = await atWork();
  await app.user.click(screen.getByRole('button', { name: 'Runs' }));
  await screen.findByRole('menu');
  await app.user.keyboard(KEYS);
  expectNothingDone(app);
});

test('the keys act again once the command bar is closed', async () => {
  const app = await atWork();
  await app.user.keyboard('{Control>}k{/Control}');
  await screen.findByRole('combobox', { name: 'Search commands' });
  await app.user.keyboard('{Delete}{Control>}z{/Control}');
  expectNothingDone(app);
  await app.user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  await app.user.keyboard('{Control>}{Enter}{/Control}');
  await waitFor(() => expect(app.runs()).toHaveLength(1));
});

test('Ctrl+Enter runs the draft from a field and from an editor of code, which stays as it is', async () => {
  const app = await atWork();
  screen.getByRole('textbox', { name: 'Name' }).focus();
  await app.user.keyboard('2{Control>}{Enter}{/Control}');
  await waitFor(() => expect(app.runs()).toHaveLength(1));
  expect(app.draft.graph.nodes[0]?.name).toBe('Call2');
  const view = await editorOf('URL');
  view.focus();
  await app.user.keyboard('{Control>}{Enter}{/Control}');
  await waitFor(() => expect(app.runs()).toHaveLength(2));
  expect(view.state.doc.toString()).toBe('{{ 1 }}');
});

test('in a field the other keys write', async () => {
  const app = await atWork();
  const field = screen.getByRole('textbox', { name: 'Name' });
  field.focus();
  await app.user.keyboard('ndp{ArrowLeft}{Backspace}');
  expect(field).toHaveValue('Callnp');
  expectNothingDone(app);
});
