import { expect, test } from 'vitest';
import type { Graph } from '../api/types';
import { backEdges } from './back';

/** Of edges as in "a>b"; the nodes lie from left to right as they are named. */
function graphOf(names: string, ...edges: string[]): Graph {
  return {
    nodes: Array.from(names, (id, place) => ({
      id,
      type: 'set_fields',
      name: id,
      params: {},
      position: [place * 300, 0] as [number, number],
    })),
    edges: edges.map((each) => {
      const [source = '', target = ''] = each.split('>');
      return { source, source_output: 'main', target, target_input: 'main' };
    }),
  };
}
const back = (graph: Graph) =>
  [...backEdges(graph)].map(({ source, target }) => `${source}>${target}`);

test('what leads into a loop again leads back, wherever its nodes lie', () => {
  expect(back(graphOf('tlxd', 't>l', 'l>x', 'x>l', 'l>d'))).toEqual(['x>l']);
  expect(back(graphOf('xldt', 'l>x', 'x>l', 't>l', 'l>d'))).toEqual(['x>l']);
});

test('branches that meet again lead on', () => {
  expect(back(graphOf('abcd', 'a>b', 'a>c', 'b>d', 'c>d'))).toEqual([]);
});

test('each loop in a loop has its own edge back, as has a node that leads to itself', () => {
  const graph = graphOf('toiw', 't>o', 'o>i', 'i>w', 'w>i', 'i>o', 'w>w');
  expect(back(graph).toSorted()).toEqual(['i>o', 'w>i', 'w>w']);
});

test('a ring that nothing leads into begins at the left', () => {
  expect(back(graphOf('abc', 'b>c', 'c>a', 'a>b'))).toEqual(['c>a']);
});
