import { expect, test } from 'vitest';
import type { NodePositionChange } from '@xyflow/react';
import type { Graph } from '../api/types';
import { frameKey, noteKey } from '../canvas/nodes';
import { holding, NOTHING_HELD, putDown } from './held';

const node = (id: string, x: number) => ({
  id,
  type: 'set_fields',
  name: id,
  params: {},
  position: [x, 0] as [number, number],
});
const GRAPH: Graph = {
  nodes: [node('a', 0), node('b', 300), node('c', 600)],
  edges: [],
  groups: [{ id: 'g1', name: 'Both', nodes: ['a', 'b'] }],
  sticky_notes: [{ id: 's1', text: '', position: [0, 200], size: [100, 50] }],
};
const to = (id: string, x: number, y: number, dragging = true): NodePositionChange => ({
  id,
  type: 'position',
  position: { x, y },
  dragging,
});
const placesIn = ({ nodes }: Graph) => nodes.map(({ position }) => position);

test('a frame takes its nodes along, and no other that was selected', () => {
  const changes = [to('c', 640, 10), to(frameKey('g1'), 20, -40)];
  const { held, isLetGo } = holding(NOTHING_HELD, changes, GRAPH);
  expect(isLetGo).toBe(false);
  expect(placesIn(putDown(GRAPH, held))).toEqual([
    [40, 10],
    [340, 10],
    [600, 0],
  ]);
});

test('a frame that is moved on and let go lies where it was let go', () => {
  const first = holding(NOTHING_HELD, [to(frameKey('g1'), -10, -50)], GRAPH);
  const next = holding(first.held, [to(frameKey('g1'), 0, -50, false)], GRAPH);
  expect(next.isLetGo).toBe(true);
  expect(placesIn(putDown(GRAPH, next.held))[0]).toEqual([20, 0]);
});

test('a note that is resized at its left also moves', () => {
  const changes = [
    { id: noteKey('s1'), type: 'position' as const, position: { x: -40, y: 200 } },
    {
      id: noteKey('s1'),
      type: 'dimensions' as const,
      resizing: true,
      dimensions: { width: 140, height: 50 },
    },
  ];
  const { held } = holding(NOTHING_HELD, changes, GRAPH);
  expect(putDown(GRAPH, held).sticky_notes?.[0]).toMatchObject({
    position: [-40, 200],
    size: [140, 50],
  });
});

test('what the canvas measured is held by nobody', () => {
  const measured = {
    id: noteKey('s1'),
    type: 'dimensions' as const,
    dimensions: { width: 1, height: 1 },
  };
  expect(holding(NOTHING_HELD, [measured], GRAPH).held).toBe(NOTHING_HELD);
});
