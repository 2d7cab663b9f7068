import { expect, test } from 'vitest';
import { parseExact } from '../api/exactJson';
import type { Graph, GraphEdge, GraphNode } from '../api/types';
import { changesOf, drawnTogether, isChanged, isUnchanged } from './diff';
import cases from './diffCases.json?raw';
import type { Differences } from './differences';

interface Case {
  name: string;
  before: Graph;
  after: Graph;
  expected: Record<'added' | 'removed' | 'moved' | 'edges_added' | 'edges_removed', string[]>;
}

const node = (id: string, rest: Partial<GraphNode> = {}): GraphNode => ({
  id,
  type: 'http_call',
  name: id.toUpperCase(),
  params: { url: 'x' },
  position: [0, 0],
  ...rest,
});
const edge = (source: string, target: string) => ({
  source,
  source_output: 'main',
  target,
  target_input: 'main',
});

const BEFORE: Graph = { nodes: [node('a'), node('b')], edges: [edge('a', 'b')] };

/** An edge as the cases write it: `a.true -> b`. */
const told = ({ source, source_output, target }: GraphEdge) =>
  `${source}${source_output === 'main' ? '' : `.${source_output}`} -> ${target}`;

// The API's own diff is held to the same cases.
test.each(parseExact(cases) as Case[])('as the API does: $name', ({ before, after, expected }) => {
  const { nodes, edges, rest, movedCount } = changesOf(before, after);
  const which = (asked: string) =>
    nodes.filter(({ change }) => change === asked).map(({ node }) => node.id);
  const edgesThat = (asked: string) =>
    edges.filter(({ change }) => change === asked).map(({ edge }) => told(edge));
  const headsOf = ({ found }: Differences) => [
    ...new Set(found.map(({ path }) => path.split(/[.[]/)[0])),
  ];
  expect({
    added: which('added'),
    removed: which('removed'),
    changed: Object.fromEntries(
      nodes
        .filter(({ change }) => change === 'changed')
        .map(({ node, differences }) => [node.id, headsOf(differences)]),
    ),
    edges_added: edgesThat('added'),
    edges_removed: edgesThat('removed'),
    beside: headsOf(rest),
    movedCount,
  }).toEqual({ ...expected, moved: undefined, movedCount: expected.moved.length });
});

test('nodes and edges are added, removed and changed', () => {
  const after: Graph = {
    nodes: [node('a', { params: { url: 'y' } }), node('c')],
    edges: [edge('a', 'c')],
    settings: { timezone: 'Europe/Riga' },
  };
  const changes = changesOf(BEFORE, after);
  expect(changes.nodes.map(({ change, node: { id } }) => [change, id])).toEqual([
    ['changed', 'a'],
    ['added', 'c'],
    ['removed', 'b'],
  ]);
  expect(changes.nodes[0]?.differences.found).toEqual([
    { path: 'params.url', before: 'x', after: 'y' },
  ]);
  expect(changes.edges.map(({ change }) => change)).toEqual(['added', 'removed']);
  expect(changes.rest.found).toEqual([
    { path: 'settings', before: undefined, after: { timezone: 'Europe/Riga' } },
  ]);
  expect(isUnchanged(changes)).toBe(false);
});

test('what only lies elsewhere, or says what is so by default, is not changed', () => {
  const after = {
    ...BEFORE,
    settings: {},
    nodes: [node('a', { position: [9, 9], disabled: false, pinned: null }), node('b')],
  };
  const changes = changesOf(BEFORE, after);
  expect(isUnchanged(changes)).toBe(true);
  expect(changes.movedCount).toBe(1);
});

test('both graphs are drawn as one, nothing above another', () => {
  const after: Graph = { nodes: [node('a')], edges: [] };
  const both = drawnTogether(after, changesOf(BEFORE, after));
  expect(both.nodes.map(({ id }) => id)).toEqual(['a', 'b']);
  expect(both.edges).toEqual([edge('a', 'b')]);
  expect(both.nodes[1]?.position).toEqual([0, 80]);
});

test('many that were removed from one spot are drawn below each other, past what stands there', () => {
  const ids = Array.from({ length: 2_000 }, (_, index) => `n${index}`);
  const before: Graph = { nodes: ids.map((id) => node(id)), edges: [] };
  const after: Graph = { nodes: [node('a', { position: [40, 160] })], edges: [] };
  const [, ...drawn] = drawnTogether(after, changesOf(before, after)).nodes;
  const tops = drawn.map(({ position }) => position?.[1]);
  expect(tops.slice(0, 4)).toEqual([0, 80, 240, 320]);
  expect(new Set(tops).size).toBe(2_000);
});

test('a node that was moved does what it did, and one that was renamed is changed', () => {
  expect(isChanged(node('a'), node('a', { position: [5, 5] }))).toBe(false);
  expect(isChanged(node('a'), node('a', { name: 'Other' }))).toBe(true);
});
