import { expect, test } from 'vitest';
import type { Graph, NodeType } from '../api/types';
import { edgeId } from '../graph/edits';
import { spotFor, withNew } from './added';

const TYPE = {
  type: 'set_fields',
  version: 1,
  label: 'Set Fields',
  inputs: ['main'],
  outputs: ['main'],
} as unknown as NodeType;
const EDGE = { source: 'a', source_output: 'true', target: 'b', target_input: 'main' };
const GRAPH: Graph = {
  nodes: [
    { id: 'a', type: 'condition', name: 'Set Fields', params: {}, position: [0, 0] },
    { id: 'b', type: 'x', name: 'B', params: {}, position: [320, 0] },
  ],
  edges: [EDGE],
};
const PORTS = () => ({ inputs: ['main'], outputs: ['true', 'false'] });
const none = new Set<string>();

test('behind a node a new one is connected, where nothing else lies', () => {
  const { graph, id } = withNew(GRAPH, TYPE, { behind: 'a', output: 'false' });
  expect(graph.edges.at(-1)).toEqual({ ...EDGE, source_output: 'false', target: id });
  expect(graph.nodes.at(-1)).toMatchObject({ name: 'Set Fields 2', position: [320, 100] });
});

test('a new node on an edge makes two of it', () => {
  const { graph, id } = withNew(GRAPH, TYPE, { on: EDGE });
  expect(graph.edges).toEqual([
    { ...EDGE, target: id },
    { ...EDGE, source: id, source_output: 'main' },
  ]);
});

test('a node is added to what is selected: an edge, a node by an output that is free, or nothing', () => {
  const on = spotFor({ graph: GRAPH, nodes: none, edges: new Set([edgeId(EDGE)]) }, PORTS);
  expect(on).toEqual({ on: EDGE });
  const behind = spotFor({ graph: GRAPH, nodes: new Set(['a']), edges: none }, PORTS);
  expect(behind).toEqual({ behind: 'a', output: 'false' });
  expect(spotFor({ graph: GRAPH, nodes: none, edges: none }, PORTS)).toEqual({ at: [0, 100] });
});
