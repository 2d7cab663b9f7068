import { screen, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';
import { editorOf } from '../test/code';
import { opened } from '../test/editor';

async function openedCall(url: string) {
  const call = { id: 'n1', type: 'http_call', name: 'Call', params: { url } };
  const app = opened({ nodes: [call], edges: [] });
  (await screen.findByRole('group', { name: 'Call' })).focus();
  await app.user.keyboard('{Enter}');
  return { ...app, url: () => app.draft.graph.nodes[0]?.params.url };
}

test('who types an expression goes on typing in its field', async () => {
  const { user, url, draft } = await openedCall('');
  await user.click(await screen.findByRole('textbox', { name: /^URL/ }));
  await user.keyboard('=');
  const field = await screen.findByRole('textbox', { name: 'URL' });
  await waitFor(() => expect(field.ownerDocument.activeElement).not.toBe(document.body));
  const view = await editorOf('URL');
  expect(view.hasFocus).toBe(true);
  await waitFor(() => expect(url()).toBe('='));
  expect(draft.graph.nodes).toHaveLength(1);
});

test('the caret stays behind the sign that made a text an expression', async () => {
  const { user } = await openedCall('abc');
  await user.click(await screen.findByRole('textbox', { name: /^URL/ }));
  await user.keyboard('{Home}=');
  const view = await editorOf('URL');
  expect(view.hasFocus).toBe(true);
  expect(view.state.selection.main.head).toBe(0);
});

test('made the other by its button, a value is gone on with at its end', async () => {
  const { user, url } = await openedCall('abc');
  await screen.findByRole('textbox', { name: /^URL/ });
  await user.click(screen.getByRole('button', { name: 'URL: expression' }));
  const view = await editorOf('URL');
  expect(view.hasFocus).toBe(true);
  expect(view.state.selection.main.head).toBe(3);
  await user.click(screen.getByRole('button', { name: 'URL: expression' }));
  await user.keyboard('d');
  await waitFor(() => expect(url()).toBe('abcd'));
});
