import { screen, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { Graph } from '../api/types';
import { opened, saved } from '../test/editor';

const node = (id: string, name: string, x: number) => ({
  id,
  type: 'http_call',
  name,
  params: { url: 'a' },
  position: [x, 0] as [number, number],
});
const TWO: Graph = { nodes: [node('n1', 'Call', 0), node('n2', 'Then', 400)], edges: [] };
const NOTE = { id: 's1', text: '**Ask** Ada', position: [0, -200], size: [240, 120] } as const;
const NOTED: Graph = {
  ...TWO,
  sticky_notes: [{ ...NOTE, position: [...NOTE.position], size: [...NOTE.size] }],
};
const note = () => screen.findByRole('group', { name: /^Note/ });

test('a note is added by a key, written in place, and shown as Markdown', async () => {
  const { user, draft } = opened(TWO);
  await screen.findByRole('group', { name: 'Call' });
  await user.keyboard('s');
  const field = await screen.findByRole('textbox', { name: 'Text of the note, in Markdown' });
  expect(field).toHaveFocus();
  await user.keyboard('# Read me{Escape}');
  expect(await screen.findByRole('heading', { name: 'Read me' })).toBeInTheDocument();
  await saved();
  expect(draft.graph.sticky_notes).toMatchObject([{ id: 's1', text: '# Read me' }]);
});

test('letters that stand for deeds are letters in a note', async () => {
  const { user, draft } = opened(TWO);
  await screen.findByRole('group', { name: 'Call' });
  await user.keyboard('s');
  await screen.findByRole('textbox', { name: /^Text of the note/ });
  await user.keyboard('nds{Escape}');
  await waitFor(() => expect(draft.graph.sticky_notes).toMatchObject([{ text: 'nds' }]));
  expect(draft.graph.nodes).toHaveLength(2);
});

test('a note is selected and written on by Enter, and what was written is undone as one', async () => {
  const { user, draft } = opened(NOTED);
  (await note()).focus();
  await user.keyboard('{Enter}');
  await user.keyboard('{Enter}');
  const field = await screen.findByRole('textbox', { name: /^Text of the note/ });
  await user.type(field, ' and Bob{Escape}');
  await waitFor(() => expect(draft.graph.sticky_notes?.[0]?.text).toBe('**Ask** Ada and Bob'));
  await user.keyboard('{Control>}z{/Control}');
  await waitFor(() => expect(draft.graph.sticky_notes?.[0]?.text).toBe('**Ask** Ada'));
});

test('a note is coloured, duplicated and deleted', async () => {
  const { user, draft } = opened(NOTED);
  (await note()).focus();
  await user.keyboard('{Enter}');
  await user.keyboard('{Control>}k{/Control}');
  await screen.findByRole('combobox', { name: 'Search commands' });
  await user.keyboard('colour blue{Enter}');
  await waitFor(() => expect(draft.graph.sticky_notes?.[0]?.color).toBe('blue'));
  await user.keyboard('{Control>}d{/Control}');
  await waitFor(() =>
    expect(draft.graph.sticky_notes?.[1]).toMatchObject({ id: 's2', position: [0, 80] }),
  );
  await user.keyboard('{Delete}');
  await waitFor(() => expect(draft.graph.sticky_notes).toMatchObject([{ id: 's1' }]));
});

test('arrows with Shift move notes and nodes together', async () => {
  const { user, draft } = opened(NOTED);
  await note();
  await user.keyboard('{Control>}a{/Control}{Shift>}{ArrowDown}{/Shift}');
  await waitFor(() => expect(draft.graph.sticky_notes?.[0]?.position).toEqual([0, -190]));
  expect(draft.graph.nodes.map(({ position }) => position?.[1])).toEqual([10, 10]);
});

test('nodes are grouped, the group is named and coloured, and taken apart again', async () => {
  const { user, draft } = opened(TWO);
  await screen.findByRole('group', { name: 'Call' });
  await user.keyboard('{Control>}a{/Control}{Control>}g{/Control}');
  const field = await screen.findByRole('textbox', { name: 'Name of the group' });
  await user.clear(field);
  await user.type(field, 'Billing{Enter}');
  expect(await screen.findByRole('group', { name: 'Group “Billing”, 2 nodes' })).toBeVisible();
  await waitFor(() =>
    expect(draft.graph.groups).toEqual([{ id: 'g1', name: 'Billing', nodes: ['n1', 'n2'] }]),
  );
  await user.keyboard('{Control>}k{/Control}');
  await screen.findByRole('combobox', { name: 'Search commands' });
  await user.keyboard('colour green{Enter}');
  await waitFor(() => expect(draft.graph.groups?.[0]?.color).toBe('green'));
  await user.keyboard('{Control>}{Shift>}g{/Shift}{/Control}');
  await waitFor(() => expect(draft.graph.groups).toEqual([]));
});

test('who chooses a frame has chosen its nodes, and a node that is deleted is in it no more', async () => {
  const groups = [{ id: 'g1', name: 'One', nodes: ['n2'] }];
  const { user, draft } = opened({ ...TWO, groups });
  (await screen.findByRole('group', { name: 'Group “One”, 1 node' })).focus();
  await user.keyboard('{Enter}');
  expect(await screen.findByRole('textbox', { name: 'Name' })).toHaveValue('Then');
  await user.keyboard('{Delete}');
  await waitFor(() => expect(draft.graph.nodes).toHaveLength(1));
  await waitFor(() => expect(draft.graph.groups).toEqual([]));
});
