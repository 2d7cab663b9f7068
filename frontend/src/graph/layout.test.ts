import { expect, test } from 'vitest';
import type { Graph, GraphNode } from '../api/types';
import { draw, placed } from './layout';
import { BOX_HEIGHT, DETOUR } from './types';

const node = (id: string, position?: [number, number]): GraphNode => ({
  id,
  type: 'set_fields',
  name: id,
  params: {},
  ...(position ? { position } : {}),
});

const edge = (source: string, target: string, source_output = 'main') => ({
  source,
  source_output,
  target,
  target_input: 'main',
});

const spots = (graph: Graph) => draw(graph).boxes.map(({ x, y }) => [x, y]);

test('nodes stay where they were put', () => {
  const nodes = [node('a', [10, 20]), node('b', [300, 20])];
  expect(spots({ nodes, edges: [] })).toEqual([
    [10, 20],
    [300, 20],
  ]);
});

test('nodes without a place are laid out in the direction of the edges', () => {
  const [a, b, c] = spots({
    nodes: [node('a'), node('b'), node('c')],
    edges: [edge('c', 'b'), edge('b', 'a')],
  }).map(([x]) => x as number) as [number, number, number];
  expect(c < b && b < a).toBe(true);
});

test('nodes that all lie on one spot are laid out, too', () => {
  const nodes = [node('a', [0, 0]), node('b', [0, 0])];
  expect(new Set(spots({ nodes, edges: [edge('a', 'b')] }).map(String)).size).toBe(2);
});

test('of nodes that lie on one spot among others the later ones step aside, and all else stays', () => {
  const nodes = [
    node('a', [10, 20]),
    node('b', [300, 20]),
    node('c', [300, 20]),
    node('d', [300, 20]),
    node('e'),
    node('f', [-500, 900]),
  ];
  const graph = { nodes, edges: [edge('f', 'a')] };
  const kept = [
    [10, 20],
    [300, 20],
    [340, 60],
    [380, 100],
    [0, 0],
    [-500, 900],
  ];
  expect(spots(graph)).toEqual(kept);
  expect(placed(graph).nodes.map(({ position }) => position)).toEqual(kept);
});

test('a graph in which each node has a spot of its own stays the same', () => {
  const graph = { nodes: [node('a', [10.5, 20]), node('b', [300, 20])], edges: [] };
  expect(placed(graph)).toBe(graph);
});

test('a cycle can be laid out', () => {
  const graph = { nodes: [node('a'), node('b')], edges: [edge('a', 'b'), edge('b', 'a', 'loop')] };
  expect(draw(graph).lines).toHaveLength(2);
});

test('a line that leads back passes by all boxes between its ends, on the nearer side', () => {
  const nodes = [
    node('loop', [0, 0]),
    node('high', [300, -500]),
    node('low', [300, 80]),
    node('far', [900, 900]),
    node('last', [600, 0]),
  ];
  const [on, back] = draw({ nodes, edges: [edge('loop', 'last'), edge('last', 'loop')] }).lines;
  expect(on?.detour).toBeNull();
  expect(back?.detour).toBe(80 + BOX_HEIGHT + DETOUR);
});

test('outputs stand in the order of what they lead to, so that lines do not cross at once', () => {
  const nodes = [node('a', [0, 0]), node('b', [300, -100]), node('c', [300, 100])];
  const edges = [edge('a', 'c', 'loop'), edge('a', 'b', 'done')];
  expect(draw({ nodes, edges }).boxes[0]?.outputs).toEqual(['done', 'loop']);
});

test('an edge to a node that is not there is not drawn', () => {
  expect(draw({ nodes: [node('a')], edges: [edge('a', 'gone')] }).lines).toEqual([]);
});

test('a box has one handle for each input and output in use', () => {
  const [a] = draw({
    nodes: [node('a', [0, 0]), node('b', [300, 0]), node('c', [300, 90])],
    edges: [edge('a', 'b', 'true'), edge('a', 'c', 'false'), edge('a', 'c', 'true')],
  }).boxes;
  expect(a).toMatchObject({ inputs: [], outputs: ['true', 'false'] });
});
