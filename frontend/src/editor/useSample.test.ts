import { expect, test } from 'vitest';
import type { Graph, GraphNode, Step } from '../api/types';
import { sampleOf } from './useSample';

const node = (id: string): GraphNode => ({ id, type: 'x', name: id.toUpperCase(), params: {} });
const GRAPH: Graph = {
  nodes: [node('a'), node('b')],
  edges: [{ source: 'a', source_output: 'true', target: 'b', target_input: 'main' }],
};
const step = (node: string, input: object, output: object) =>
  ({ node, input_json: input, output_json: output }) as unknown as Step;
const ONE = [{ json: { n: 1 } }];
const TWO = [{ json: { n: 2 } }];

test('a node that has run is tried on what it took', () => {
  const steps = [step('a', {}, { true: ONE }), step('b', { main: TWO }, { main: [] })];
  const sample = sampleOf(GRAPH, GRAPH.nodes[1] as GraphNode, steps);
  expect(sample).toEqual({
    items: TWO,
    nodes: { A: ONE, B: [] },
    previous: 'A',
    before: ['A'],
  });
});

test('a node that has not is tried on what leads to it', () => {
  const steps = [step('a', {}, { false: TWO, true: ONE })];
  const sample = sampleOf(GRAPH, GRAPH.nodes[1] as GraphNode, steps);
  expect([sample.items, sample.previous]).toEqual([ONE, 'A']);
});

test('of a node that ran again and again the latest step counts', () => {
  const steps = [step('b', { main: ONE }, {}), step('b', { main: TWO }, {})];
  expect(sampleOf(GRAPH, GRAPH.nodes[1] as GraphNode, steps).items).toEqual(TWO);
});

test('without a run it is tried on what the node before is pinned to', () => {
  const [a, b] = [{ ...node('a'), pinned: { true: TWO } }, node('b')];
  const sample = sampleOf({ ...GRAPH, nodes: [a, b] }, b, []);
  expect(sample).toMatchObject({ items: TWO, nodes: { A: TWO } });
});
