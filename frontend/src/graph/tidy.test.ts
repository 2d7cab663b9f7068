import ELK from 'elkjs/lib/elk.bundled.js';
import { expect, test } from 'vitest';
import type { Graph } from '../api/types';
import { frameAround } from './groups';
import { placeOf } from './edits';
import { laidOut, toElk } from './tidy';

const node = (id: string, x: number, y: number) => ({
  id,
  type: 'set_fields',
  name: id,
  params: {},
  position: [x, y] as [number, number],
});
const edge = (source: string, target: string, source_output = 'main') => ({
  source,
  source_output,
  target,
  target_input: 'main',
});
const GRAPH: Graph = {
  nodes: [
    node('a', 0, 0),
    node('b', 10, 10),
    node('yes', 5, 80),
    node('no', 0, 5),
    node('far', 50, 40),
  ],
  edges: [edge('a', 'b'), edge('b', 'yes', 'true'), edge('b', 'no', 'false'), edge('no', 'b')],
};
const ports = (id: string) => ({
  inputs: ['main'],
  outputs: id === 'b' ? ['true', 'false'] : ['main'],
});

async function tidied(graph: Graph, ids = graph.nodes.map(({ id }) => id)) {
  const answer = await new ELK().layout(toElk(graph, new Set(ids), ports));
  const after = laidOut(graph, answer);
  const places = new Map(after.nodes.map((each) => [each.id, placeOf(each)]));
  return { after, at: (id: string) => places.get(id) ?? [0, 0], places };
}

test('nodes go from left to right, branches as their outputs lie, and nothing covers another', async () => {
  const { at, places } = await tidied(GRAPH);
  expect(at('a')[0]).toBeLessThan(at('b')[0]);
  expect(at('b')[0]).toBeLessThan(at('yes')[0]);
  expect(at('yes')[1]).toBeLessThan(at('no')[1]);
  const all = [...places.values()];
  all.forEach(([x, y], place) =>
    all.slice(place + 1).forEach(([otherX, otherY]) => {
      expect(Math.abs(x - otherX) >= 208 || Math.abs(y - otherY) >= 60).toBe(true);
    }),
  );
});

const LOOP: Graph = {
  nodes: ['schedule', 'customers', 'b', 'transform', 'email'].map((id) => node(id, 0, 0)),
  edges: [
    edge('schedule', 'customers'),
    edge('customers', 'b'),
    edge('b', 'transform', 'true'),
    edge('transform', 'b'),
    edge('b', 'email', 'false'),
  ],
};

test('what leads back into a loop stands right of it', async () => {
  const { at } = await tidied(LOOP);
  expect(at('customers')[0]).toBeLessThan(at('b')[0]);
  expect(at('b')[0]).toBeLessThan(at('transform')[0]);
  expect(at('b')[0]).toBeLessThan(at('email')[0]);
});

test('only what is chosen is moved, and stays about where it was', async () => {
  const { at, after } = await tidied(GRAPH, ['a', 'b']);
  expect(after.nodes.slice(2)).toEqual(GRAPH.nodes.slice(2));
  expect(Math.abs((at('a')[0] + at('b')[0]) / 2 - 5)).toBeLessThan(10);
});

test('a group stays together, with nothing else in its frame', async () => {
  const groups = [{ id: 'g1', name: 'Both', nodes: ['a', 'no'] }];
  const { places, at } = await tidied({ ...GRAPH, groups });
  const frame = groups[0] && frameAround(groups[0], places);
  for (const id of ['b', 'yes', 'far']) {
    const [x, y] = at(id);
    const isApart =
      frame != null &&
      (x + 208 <= frame.x ||
        x >= frame.x + frame.width ||
        y + 60 <= frame.y ||
        y >= frame.y + frame.height);
    expect(isApart, id).toBe(true);
  }
});

test('lines into a group do not cross', async () => {
  const groups = [{ id: 'g1', name: 'Both', nodes: ['yes', 'no'] }];
  const { at } = await tidied({ ...GRAPH, edges: GRAPH.edges.slice(0, 3), groups });
  expect(at('yes')[1]).toBeLessThan(at('no')[1]);
});

test('a note goes along with the node next to it', async () => {
  const noted: Graph = {
    ...GRAPH,
    sticky_notes: [{ id: 's1', text: '', position: [60, 130], size: [100, 40] }],
  };
  const { at, after } = await tidied(noted);
  const [x, y] = at('yes');
  expect(after.sticky_notes?.[0]?.position).toEqual([60 + x - 5, 130 + y - 80]);
});
