import { screen, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';
import { caretIn, editorOf } from '../test/code';
import { opened, saved } from '../test/editor';

const call = (url: string) => ({ id: 'n1', type: 'http_call', name: 'Call', params: { url } });

test('what was written in a field of code is undone and redone while it is open', async () => {
  const { user, draft } = opened({ nodes: [call('={{ 1 }}')], edges: [] });
  (await screen.findByRole('group', { name: 'Call' })).focus();
  await user.keyboard('{Enter}');
  const view = await editorOf('URL');
  caretIn(view, 4, '2');
  await waitFor(() => expect(draft.graph.nodes[0]?.params.url).toBe('={{ 12 }}'));
  await user.click(screen.getByRole('button', { name: /^Undo/ }));
  expect(view.state.doc.toString()).toBe('{{ 1 }}');
  expect(screen.getByRole('button', { name: /^Undo/ })).toBeDisabled();
  await user.click(screen.getByRole('button', { name: /^Redo/ }));
  expect(view.state.doc.toString()).toBe('{{ 12 }}');
});

test('to open a node whose code has lines of Windows leaves the draft as it is', async () => {
  const { user, sent } = opened({ nodes: [call('={{ 1\r\n}}')], edges: [] });
  (await screen.findByRole('group', { name: 'Call' })).focus();
  await user.keyboard('{Enter}');
  await editorOf('URL');
  await saved();
  expect(screen.getByRole('button', { name: /^Undo/ })).toBeDisabled();
  expect(sent('PUT /workflows/f1/draft')).toEqual([]);
});
