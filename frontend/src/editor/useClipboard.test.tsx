import { fireEvent, screen, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';
import { opened } from '../test/editor';

const CALL = { id: 'n1', type: 'http_call', name: 'Call', params: {}, position: [0, 0] };
const GRAPH = { nodes: [CALL as never], edges: [] };

/** What the event found or left in the clipboard. */
function clipboard(text = '') {
  const held = { text };
  return {
    held,
    clipboardData: {
      getData: () => held.text,
      setData: (_: string, given: string) => {
        held.text = given;
      },
    },
  };
}

test('what was copied is pasted also where nothing has the focus yet', async () => {
  const { draft, user } = opened(GRAPH);
  (await screen.findByRole('group', { name: 'Call' })).focus();
  await user.keyboard('{Enter}');
  const { held, clipboardData } = clipboard();
  fireEvent.copy(document.body, { clipboardData });
  expect(held.text).toContain('http_call');
  fireEvent.paste(document.body, { clipboardData });
  await waitFor(() => expect(draft.graph.nodes).toHaveLength(2));
});

test('a text that is selected is copied, and not the node that is', async () => {
  const { user } = opened(GRAPH);
  (await screen.findByRole('group', { name: 'Call' })).focus();
  await user.keyboard('{Enter}');
  const { held, clipboardData } = clipboard();
  window.getSelection()?.selectAllChildren(await screen.findByRole('heading', { name: 'Call' }));
  // Not prevented: the browser copies.
  expect(fireEvent.copy(document.body, { clipboardData })).toBe(true);
  expect(fireEvent.cut(document.body, { clipboardData })).toBe(true);
  expect(held.text).toBe('');
  window.getSelection()?.removeAllRanges();
  expect(screen.getByRole('group', { name: 'Call' })).toBeInTheDocument();
});

test('what is pasted behind a dialog stays out of the graph', async () => {
  const { draft, user } = opened(GRAPH);
  (await screen.findByRole('group', { name: 'Call' })).focus();
  await user.keyboard('{Enter}');
  const { clipboardData } = clipboard();
  fireEvent.copy(document.body, { clipboardData });
  await user.keyboard('{Control>}k{/Control}');
  const dialog = await screen.findByRole('dialog');
  fireEvent.paste(dialog, { clipboardData });
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(draft.graph.nodes).toHaveLength(1);
  fireEvent.paste(document.body, { clipboardData });
  await waitFor(() => expect(draft.graph.nodes).toHaveLength(2));
});
