import { expect, test } from 'vitest';
import type { Graph } from '../api/types';
import { nodesBefore } from './before';

const graphOf = (...lines: string[]): Graph => ({
  nodes: [...new Set(lines.flatMap((line) => line.split('>')))].map((id) => ({
    id,
    type: 'noop',
    name: id.toUpperCase(),
    params: {},
  })),
  edges: lines.map((line) => {
    const [source = '', target = ''] = line.split('>');
    return { source, source_output: 'main', target, target_input: 'main' };
  }),
});
const namesBefore = (graph: Graph, id: string) => nodesBefore(graph, id).map(({ name }) => name);

test('the nearest come first, and what lies on no way is not among them', () => {
  expect(namesBefore(graphOf('a>b', 'b>c', 'a>x', 'c>d'), 'c')).toEqual(['B', 'A']);
});

test('a node comes once though many ways lead from it', () => {
  expect(namesBefore(graphOf('a>b', 'a>c', 'b>d', 'c>d'), 'd')).toEqual(['B', 'C', 'A']);
});

test('a loop does not make a node come before itself', () => {
  expect(namesBefore(graphOf('a>b', 'b>c', 'c>b'), 'b')).toEqual(['A', 'C']);
});
