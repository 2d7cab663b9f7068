import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { Json } from '../api/types';
import { editorOf } from '../test/code';
import { opened } from '../test/editor';

const PLAIN = '“{{ $json.a }}” is plain text; an expression begins with “=”.';

/** A call with these params, opened, and a hint at one of them. */
async function hinted(params: Record<string, Json>, path: string, message = PLAIN) {
  const call = { id: 'n1', type: 'http_call', name: 'Call', params };
  const app = opened({ nodes: [call], edges: [] });
  const hint = { path: `nodes[0].${path}`, code: 'looks_like_expression' };
  app.draft.warnings = [{ ...hint, message: `Node “Call”: ${message}` }];
  (await screen.findByRole('group', { name: 'Call' })).focus();
  await app.user.keyboard('{Enter}');
  const panel = within(await screen.findByRole('complementary', { name: 'Node' }));
  return { ...app, panel, params: () => app.draft.graph.nodes[0]?.params };
}

test('what may be meant otherwise is told at its field as a hint, and not as a fault', async () => {
  const { panel } = await hinted({ url: '{{ $json.a }}' }, 'params.url');
  expect(await panel.findByRole('status')).toHaveTextContent(`Hint: ${PLAIN}`);
  expect(panel.queryByRole('alert')).toBeNull();
});

test('a text that looks like an expression is made one where its hint stands', async () => {
  const { panel, user, params } = await hinted({ url: '{{ $json.a }}' }, 'params.url');
  await user.click(await panel.findByRole('button', { name: 'URL: make it an expression' }));
  await waitFor(() => expect(params()).toEqual({ url: '={{ $json.a }}' }));
  expect((await editorOf('URL')).hasFocus).toBe(true);
  expect(panel.queryByRole('button', { name: /make it an expression/ })).toBeNull();
});

test('so is one in a row of names and values', async () => {
  const headers = { 'X-A': 'one', 'X-B': '{{ $json.a }}' };
  const { panel, user, params } = await hinted({ headers }, 'params.headers.X-B');
  await user.click(await panel.findByRole('button', { name: /make it an expression$/ }));
  await waitFor(() =>
    expect(params()).toEqual({ headers: { 'X-A': 'one', 'X-B': '={{ $json.a }}' } }),
  );
});

test('a hint at the node itself is none of its faults', async () => {
  const { panel } = await hinted({ url: 'a' }, 'type', 'no node sends its address.');
  expect(await panel.findByRole('status')).toHaveTextContent('Hint: no node sends its address.');
  expect(panel.queryByRole('alert')).toBeNull();
});
