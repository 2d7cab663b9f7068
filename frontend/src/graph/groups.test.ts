import { expect, test } from 'vitest';
import type { Graph } from '../api/types';
import { removeChosen, shift } from './chosen';
import { placeOf, removeAndReconnect } from './edits';
import { dissolved, frameAround, grouped } from './groups';

const node = (id: string, x: number, y: number) => ({
  id,
  type: 'set_fields',
  name: id,
  params: {},
  position: [x, y] as [number, number],
});
const GRAPH: Graph = {
  nodes: [node('a', 0, 0), node('b', 300, 100), node('c', 600, 0)],
  edges: [],
  groups: [{ id: 'g1', name: 'First', nodes: ['a', 'b'] }],
  sticky_notes: [{ id: 's1', text: '', position: [5, 5], size: [100, 50] }],
};
const NONE: ReadonlySet<string> = new Set();

test('nodes that are grouped leave the groups that they were in', () => {
  const { graph, id } = grouped(GRAPH, new Set(['c', 'b']));
  expect(graph.groups).toEqual([
    { id: 'g1', name: 'First', nodes: ['a'] },
    { id, name: 'Group', nodes: ['b', 'c'] },
  ]);
});

test('a group that loses all its nodes vanishes', () => {
  expect(removeChosen(GRAPH, { nodes: new Set(['a']), notes: NONE }).groups?.[0]?.nodes).toEqual([
    'b',
  ]);
  expect(removeChosen(GRAPH, { nodes: new Set(['a', 'b']), notes: NONE }).groups).toEqual([]);
  expect(removeAndReconnect(GRAPH, new Set(['a', 'b'])).groups).toEqual([]);
  expect(grouped(GRAPH, new Set(['a', 'b', 'c'])).graph.groups).toHaveLength(1);
});

test('a frame that is taken away leaves its nodes', () => {
  const left = dissolved(GRAPH, new Set(['b']));
  expect(left.groups).toEqual([]);
  expect(left.nodes).toBe(GRAPH.nodes);
  expect(dissolved(GRAPH, new Set(['c']))).toBe(GRAPH);
});

test('a frame lies around its nodes, with room for its name', () => {
  const places = new Map(GRAPH.nodes.map((node) => [node.id, placeOf(node)]));
  const [group] = GRAPH.groups ?? [];
  expect(group && frameAround(group, places)).toEqual({ x: -20, y: -50, width: 548, height: 230 });
  expect(frameAround({ id: 'g', name: 'Gone', nodes: ['x'] }, places)).toBeNull();
});

test('nodes and notes are moved as one', () => {
  const moved = shift(GRAPH, { nodes: new Set(['a']), notes: new Set(['s1']) }, [10, -10]);
  expect(moved.nodes[0]?.position).toEqual([10, -10]);
  expect(moved.nodes[1]).toBe(GRAPH.nodes[1]);
  expect(moved.sticky_notes?.[0]?.position).toEqual([15, -5]);
});
