import { expect, test } from 'vitest';
import { draw } from '../graph/layout';
import type { Box } from '../graph/types';
import { isInView, viewAround, viewOf } from './view';

const FRAME = { width: 900, height: 400 };

/** So many nodes in a row. */
function chain(count: number) {
  const nodes = Array.from({ length: count }, (_, index) => ({
    id: `n${index}`,
    type: 'set_fields',
    name: `n${index}`,
    params: {},
    position: [index * 280, 0] as [number, number],
  }));
  const drawing = draw({ nodes, edges: [] });
  return { drawing, first: drawing.boxes[0] as Box, last: drawing.boxes[count - 1] as Box };
}

test('a graph that can be read as a whole is shown as a whole', () => {
  const { drawing, first, last } = chain(4);
  const view = viewOf(drawing, FRAME, last);
  expect([first, last].map((box) => isInView(box, FRAME, view))).toEqual([true, true]);
  expect(view).toEqual(viewOf(drawing, FRAME, null));
});

test('a graph that is too long begins where it begins', () => {
  const { drawing, first, last } = chain(18);
  const view = viewOf(drawing, FRAME, null);
  expect([first, last].map((box) => isInView(box, FRAME, view))).toEqual([true, false]);
});

test('a graph that is too long is shown around the node in focus', () => {
  const { drawing, first, last } = chain(18);
  const view = viewOf(drawing, FRAME, last);
  expect([first, last].map((box) => isInView(box, FRAME, view))).toEqual([false, true]);
});

test('a focus that is seen where the graph begins moves nothing', () => {
  const { drawing, first } = chain(18);
  expect(viewOf(drawing, FRAME, first)).toEqual(viewOf(drawing, FRAME, null));
});

test('a box that is seen in part is not in view', () => {
  const { first } = chain(1);
  const view = viewAround(first, FRAME, 1);
  expect(isInView(first, FRAME, view)).toBe(true);
  expect(isInView(first, FRAME, { ...view, x: -1 })).toBe(false);
  expect(isInView(first, FRAME, { ...view, y: 341 })).toBe(false);
});
