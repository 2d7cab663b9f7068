import { expect, test } from 'vitest';
import type { Graph } from '../api/types';
import { stepFrom } from './walk';

const node = (id: string, x: number, y: number) => ({
  id,
  type: 'x',
  name: id,
  params: {},
  position: [x, y] as [number, number],
});
const edge = (source: string, target: string) => ({
  source,
  source_output: 'main',
  target,
  target_input: 'main',
});
const GRAPH: Graph = {
  nodes: [node('a', 0, 0), node('b', 300, -50), node('c', 300, 100), node('d', 0, 200)],
  edges: [edge('a', 'b'), edge('a', 'c')],
};

test('right and left follow the edges, to what is nearest', () => {
  expect(stepFrom(GRAPH, 'a', 'right')).toBe('b');
  expect(stepFrom(GRAPH, 'c', 'left')).toBe('a');
  expect(stepFrom(GRAPH, 'b', 'right')).toBeNull();
});

test('up and down go to what stands above or below', () => {
  expect(stepFrom(GRAPH, 'c', 'up')).toBe('b');
  expect(stepFrom(GRAPH, 'a', 'down')).toBe('d');
  expect(stepFrom(GRAPH, 'd', 'down')).toBeNull();
});

test('a walk from nowhere begins at the first node', () => {
  expect(stepFrom(GRAPH, '', 'down')).toBe('a');
  expect(stepFrom({ nodes: [], edges: [] }, '', 'down')).toBeNull();
});
