import { expect, test } from 'vitest';
import type { Graph, GraphNode, StickyNote } from '../api/types';
import { copied, pasted, pieceIn, type Piece } from './clipboard';

const node = (id: string, name: string, params: GraphNode['params'] = {}): GraphNode => ({
  id,
  type: 'set_fields',
  name,
  params,
  position: [0, 0],
});
const edge = { source: 'a', source_output: 'main', target: 'b', target_input: 'main' };
const GRAPH: Graph = {
  nodes: [
    node('a', 'First'),
    node('b', 'Second', { x: "={{ $('First').item }}" }),
    node('c', 'Third'),
  ],
  edges: [edge, { ...edge, source: 'b', target: 'c' }],
};
const NO_CODE = () => new Set<string>();
const only = (...ids: string[]) => ({ nodes: new Set(ids), notes: new Set<string>() });

test('nodes are copied with the edges between them', () => {
  const piece = pieceIn(copied(GRAPH, only('a', 'b')));
  expect(piece).toMatchObject({ nodes: GRAPH.nodes.slice(0, 2), edges: [edge] });
});

test('pasted nodes get free ids and names, and their expressions follow', () => {
  const piece = pieceIn(copied(GRAPH, only('a', 'b'))) as Piece;
  const { graph, nodes: ids } = pasted(GRAPH, piece, NO_CODE);
  const added = graph.nodes.filter(({ id }) => ids.has(id));
  expect(added.map(({ name }) => name)).toEqual(['First 2', 'Second 2']);
  expect(added[1]?.params).toEqual({ x: "={{ $('First 2').item }}" });
  expect(graph.edges.at(-1)).toEqual({ ...edge, source: added[0]?.id, target: added[1]?.id });
  expect(added[0]?.position).toEqual([0, 80]);
});

test('what is pasted twice does not cover itself', () => {
  const piece = pieceIn(copied(GRAPH, only('a'))) as Piece;
  const once = pasted(GRAPH, piece, NO_CODE).graph;
  const twice = pasted(once, piece, NO_CODE).graph;
  expect(twice.nodes.slice(-2).map(({ position }) => position)).toEqual([
    [0, 80],
    [0, 160],
  ]);
});

test('what is pasted covers nothing, also of what it was not copied from', () => {
  const below = { ...node('d', 'Below'), position: [100, 100] as [number, number] };
  const note = { id: 's1', text: '', position: [-30, 170], size: [240, 120] } as StickyNote;
  const graph = { ...GRAPH, nodes: [...GRAPH.nodes, below], sticky_notes: [note] };
  const piece = pieceIn(copied(graph, only('a'))) as Piece;
  expect(pasted(graph, piece, NO_CODE).graph.nodes.at(-1)?.position).toEqual([0, 320]);
});

test('pasted nodes go around the place that is asked for', () => {
  const piece = {
    nodes: [node('a', 'A'), { ...node('b', 'B'), position: [100, 0] as [number, number] }],
    edges: [],
    sticky_notes: [],
    groups: [],
  };
  const { graph } = pasted({ nodes: [], edges: [] }, piece, NO_CODE, [500, 500]);
  expect(graph.nodes.map(({ position }) => position)).toEqual([
    [450, 500],
    [550, 500],
  ]);
});

test('notes are copied, and a group with those of its nodes that are', () => {
  const note = { id: 's1', text: 'Hi', position: [0, -200], size: [240, 120] } as StickyNote;
  const whole = {
    ...GRAPH,
    sticky_notes: [note, { ...note, id: 's2' }],
    groups: [{ id: 'g1', name: 'Both', nodes: ['a', 'c'] }],
  };
  const chosen = { nodes: new Set(['a', 'b']), notes: new Set(['s1']) };
  const piece = pieceIn(copied(whole, chosen)) as Piece;
  const { graph, nodes, notes } = pasted(whole, piece, NO_CODE);
  const [first] = nodes;
  expect(graph.groups?.[1]).toEqual({ id: 'g2', name: 'Both', nodes: [first] });
  expect([...notes]).toEqual(['s3']);
  expect(graph.sticky_notes?.at(-1)).toEqual({ ...note, id: 's3', position: [0, 80] });
});

test('numbers of any length survive the clipboard', () => {
  const huge = 10n ** 30n;
  const piece = pieceIn(copied({ nodes: [node('a', 'A', { huge })], edges: [] }, only('a')));
  expect(piece?.nodes[0]?.params).toEqual({ huge });
});

test.each(['', 'hello', '5', 'null', '{}', '{"nodes":[{}]}', '{"nodes":[],"edges":[1]}'])(
  'what holds no nodes is not pasted: %s',
  (text) => expect(pieceIn(text)).toBeNull(),
);
