import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import type { Graph } from '../api/types';
import { Editor } from './Editor';
import { add } from '../graph/edits';

const EMPTY: Graph = { nodes: [], edges: [] };
const withNode = (id: string) => (graph: Graph) =>
  add(graph, [{ id, type: 'no_operation', name: id, params: {} }]);

test('undoing all and doing all again ends where it was, whatever was done', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('add', 'undo', 'redo'), { maxLength: 60 }), (deeds) => {
      const editor = new Editor(EMPTY, () => 0);
      deeds.forEach((deed, place) => {
        if (deed === 'add') editor.edit({ label: 'Add' }, withNode(`n${place}`));
        else editor[deed]();
      });
      while (editor.state.history.future.length > 0) editor.redo();
      const end = editor.state.graph;
      while (editor.state.history.past.length > 0) editor.undo();
      expect(editor.state.graph).toBe(EMPTY);
      while (editor.state.history.future.length > 0) editor.redo();
      expect(editor.state.graph).toBe(end);
    }),
  );
});

test('edits of one kind that follow each other at once are undone together', () => {
  let now = 0;
  const editor = new Editor(EMPTY, () => now);
  const type = (id: string) => editor.edit({ label: 'Type', kind: 'url' }, withNode(id));
  type('a');
  now += 500;
  type('b');
  now += 5_000;
  type('c');
  editor.undo();
  expect(editor.state.graph.nodes.map(({ id }) => id)).toEqual(['a', 'b']);
  editor.undo();
  expect(editor.state.graph).toBe(EMPTY);
});

test('an edit that changes nothing is not undone', () => {
  const editor = new Editor(EMPTY);
  editor.edit({ label: 'Nothing' }, (graph) => graph);
  expect(editor.state.history.past).toEqual([]);
});

test('a new edit ends what could be done again', () => {
  const editor = new Editor(EMPTY);
  editor.edit({ label: 'Add' }, withNode('a'));
  editor.undo();
  editor.edit({ label: 'Add' }, withNode('b'));
  editor.redo();
  expect(editor.state.graph.nodes.map(({ id }) => id)).toEqual(['b']);
});

test('what is undone is not selected any more', () => {
  const editor = new Editor(EMPTY);
  editor.edit({ label: 'Add', select: { nodes: ['a'] } }, withNode('a'));
  expect([...editor.state.nodes]).toEqual(['a']);
  editor.undo();
  expect([...editor.state.nodes]).toEqual([]);
});
