import { expect, test } from 'vitest';
import type { Graph } from '../api/types';
import { aligned, distributed, type AlignTo } from './align';

const node = (id: string, x: number, y: number) => ({
  id,
  type: 'set_fields',
  name: id,
  params: {},
  position: [x, y] as [number, number],
});
const GRAPH: Graph = {
  nodes: [node('a', 0, 0), node('b', 100, 90), node('c', 700, 300), node('d', 5, 5)],
  edges: [],
  sticky_notes: [{ id: 's1', text: '', position: [400, 400], size: [100, 20] }],
};
const CHOSEN = { nodes: new Set(['a', 'b', 'c']), notes: new Set(['s1']) };

function places({ nodes, sticky_notes = [] }: Graph, axis: 0 | 1) {
  return [...nodes.slice(0, 3), ...sticky_notes].map(({ position }) => position?.[axis]);
}

test.each<[AlignTo, 0 | 1, number[]]>([
  ['left', 0, [0, 0, 0, 0]],
  ['centre', 0, [350, 350, 350, 404]],
  ['right', 0, [700, 700, 700, 808]],
  ['top', 1, [0, 0, 0, 0]],
  ['middle', 1, [180, 180, 180, 200]],
  ['bottom', 1, [360, 360, 360, 400]],
])('what is chosen is aligned: %s', (to, axis, expected) => {
  const graph = aligned(GRAPH, CHOSEN, to);
  expect(places(graph, axis)).toEqual(expected);
  expect(places(graph, axis === 0 ? 1 : 0)).toEqual(places(GRAPH, axis === 0 ? 1 : 0));
  expect(graph.nodes[3]).toBe(GRAPH.nodes[3]);
});

test('gaps are made equal, and the outermost stay', () => {
  // From 0 to 908 across, of which 724 are taken.
  expect(places(distributed(GRAPH, CHOSEN, 'across'), 0)).toEqual([0, 269, 700, 539]);
  expect(places(distributed(GRAPH, CHOSEN, 'down'), 1)).toEqual([0, 133, 267, 400]);
});

test('one alone has nothing to be aligned to', () => {
  const one = { nodes: new Set(['a']), notes: new Set<string>() };
  expect(aligned(GRAPH, one, 'left')).toBe(GRAPH);
  expect(distributed(GRAPH, one, 'across')).toBe(GRAPH);
});
