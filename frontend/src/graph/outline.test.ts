import { expect, test } from 'vitest';
import type { Graph } from '../api/types';
import { outline } from './outline';

/** Nodes by their places, and edges as "a -> b". */
function graph(places: Record<string, [number, number]>, ...edges: string[]): Graph {
  return {
    nodes: Object.entries(places).map(([id, position]) => ({
      id,
      type: 'set_fields',
      name: id,
      params: {},
      position,
    })),
    edges: edges.map((line) => {
      const [source = '', target = ''] = line.split(' -> ');
      return { source, source_output: 'main', target, target_input: 'main' };
    }),
  };
}
const read = (g: Graph) => outline(g).map(({ node }) => node.id);

test('a branch is read to its end, the top-most first, and what joins them last', () => {
  const g = graph(
    { end: [900, 0], low: [300, 100], start: [0, 0], high: [300, -100], higher: [600, -100] },
    'start -> low',
    'start -> high',
    'high -> higher',
    'higher -> end',
    'low -> end',
  );
  expect(read(g)).toEqual(['start', 'high', 'higher', 'low', 'end']);
  expect(outline(g)[0]?.leads.map(({ to }) => to.id)).toEqual(['low', 'high']);
});

test('what leads back is read where it begins, and each node once', () => {
  const g = graph(
    { start: [0, 0], loop: [300, 0], body: [600, 0], done: [600, 100] },
    'start -> loop',
    'loop -> body',
    'body -> loop',
    'loop -> done',
  );
  expect(read(g)).toEqual(['start', 'loop', 'body', 'done']);
});

test('edges to nodes that are gone are not read', () => {
  expect(outline(graph({ a: [0, 0] }, 'a -> x'))).toMatchObject([{ leads: [] }]);
});
