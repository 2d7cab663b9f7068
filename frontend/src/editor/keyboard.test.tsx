import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { Graph } from '../api/types';
import { opened } from '../test/editor';

const node = (id: string, name: string, x: number, y = 0) => ({
  id,
  type: 'http_call',
  name,
  params: { url: 'a' },
  position: [x, y] as [number, number],
});
const edge = (source: string, target: string, source_output = 'main') => ({
  source,
  source_output,
  target,
  target_input: 'main',
});
const GRAPH: Graph = {
  nodes: [
    node('n2', 'Then', 400),
    { ...node('n1', 'Call', 0), on_error: 'route' },
    node('n3', 'Alone', 0, 200),
  ],
  edges: [edge('n1', 'n2')],
};

test('the graph is read as a list in the order of flow, by which one jumps', async () => {
  const { user } = opened(GRAPH);
  await screen.findByRole('group', { name: 'Call' });
  await user.keyboard('o');
  const list = await screen.findByRole('list', { name: 'Nodes in the order of flow' });
  const leads = within(list).getByRole('list', { name: 'Call leads to' });
  expect(
    within(list)
      .getAllByRole('button')
      .map((each) => each.textContent),
  ).toEqual(['Call', 'Then', 'Then', 'Alone']);
  await user.click(within(leads).getByRole('button', { name: 'Then' }));
  expect(await screen.findByRole('textbox', { name: 'Name' })).toHaveValue('Then');
  expect(screen.getByRole('group', { name: 'Then' })).toHaveFocus();
});

test('an edge is drawn by keys: which output, and to what', async () => {
  const { user, draft } = opened(GRAPH);
  (await screen.findByRole('group', { name: 'Call' })).focus();
  await user.keyboard('{Enter}');
  await user.keyboard('c');
  expect(await screen.findByRole('combobox', { name: 'Search outputs' })).toHaveFocus();
  await user.keyboard('err{Enter}');
  await waitFor(() => expect(screen.getByRole('combobox', { name: 'Search nodes' })).toHaveFocus());
  await user.keyboard('alo{Enter}');
  await waitFor(() => expect(draft.graph.edges[1]).toEqual(edge('n1', 'n3', 'error')));
});

test('an edge is not drawn twice, and none leads from a node to itself', async () => {
  const { user } = opened(GRAPH);
  (await screen.findByRole('group', { name: 'Call' })).focus();
  await user.keyboard('{Enter}');
  await user.keyboard('c');
  await screen.findByRole('combobox', { name: 'Search outputs' });
  await user.keyboard('main{Enter}');
  await screen.findByRole('combobox', { name: 'Search nodes' });
  expect(screen.getAllByRole('option').map((each) => each.textContent)).toEqual(['Alone']);
});

test('Tab moves the focus on, from node to node', async () => {
  const { user } = opened(GRAPH);
  (await screen.findByRole('group', { name: 'Then' })).focus();
  await user.tab();
  expect(screen.getByRole('group', { name: 'Call' })).toHaveFocus();
});

test('what is selected is aligned and distributed by name', async () => {
  const { user, draft } = opened(GRAPH);
  await screen.findByRole('group', { name: 'Call' });
  await user.keyboard('{Control>}ak{/Control}');
  await screen.findByRole('combobox', { name: 'Search commands' });
  await user.keyboard('align: top{Enter}');
  await waitFor(() =>
    expect(draft.graph.nodes.map(({ position }) => position?.[1])).toEqual([0, 0, 0]),
  );
});

test('where ELK cannot be loaded the graph is tidied up all the same', async () => {
  const { user, draft } = opened(GRAPH);
  await screen.findByRole('group', { name: 'Call' });
  await user.keyboard('{Shift>}{Alt>}t{/Alt}{/Shift}');
  await waitFor(() => expect(draft.graph.nodes[2]?.position).not.toEqual([0, 200]));
  await user.keyboard('{Control>}z{/Control}');
  await waitFor(() => expect(draft.graph.nodes[2]?.position).toEqual([0, 200]));
});
