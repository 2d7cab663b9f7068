/** Nodes and notes brought into line. */

import type { Graph } from '../api/types';
import { areasOf, moveTo, placesBy, type Chosen } from './chosen';
import type { Place } from './edits';
import type { Area } from './types';

export const LINES = ['left', 'centre', 'right', 'top', 'middle', 'bottom'] as const;
export type AlignTo = (typeof LINES)[number];
export type Axis = 'across' | 'down';

/** Moves each to one line: the outermost edge of all, or what lies half between. */
export function aligned(graph: Graph, chosen: Chosen, to: AlignTo): Graph {
  const areas = areasOf(graph, chosen);
  if (areas.length < 2) return graph;
  const whole = around(areas.map(({ area }) => area));
  const places = areas.map(({ key, area }) => ({ key, at: placeOn(area, whole, to) }));
  return moveTo(graph, placesBy(places));
}

/** Makes the gaps between them equal; the outermost two stay. */
export function distributed(graph: Graph, chosen: Chosen, axis: Axis): Graph {
  const [start, length] =
    axis === 'across' ? (['x', 'width'] as const) : (['y', 'height'] as const);
  const areas = areasOf(graph, chosen).toSorted(
    (a, b) => a.area[start] + a.area[length] / 2 - b.area[start] - b.area[length] / 2,
  );
  const [first, last] = [areas[0]?.area, areas.at(-1)?.area];
  if (areas.length < 3 || first === undefined || last === undefined) return graph;
  const room = last[start] + last[length] - first[start];
  const taken = areas.reduce((sum, { area }) => sum + area[length], 0);
  const gap = (room - taken) / (areas.length - 1);
  let at = first[start];
  const places = areas.map(({ key, area }) => {
    const place: Place = axis === 'across' ? [at, area.y] : [area.x, at];
    at += area[length] + gap;
    return { key, at: place };
  });
  return moveTo(graph, placesBy(places));
}

function placeOn({ x, y, width, height }: Area, whole: Area, to: AlignTo): Place {
  switch (to) {
    case 'left':
      return [whole.x, y];
    case 'centre':
      return [whole.x + (whole.width - width) / 2, y];
    case 'right':
      return [whole.x + whole.width - width, y];
    case 'top':
      return [x, whole.y];
    case 'middle':
      return [x, whole.y + (whole.height - height) / 2];
    case 'bottom':
      return [x, whole.y + whole.height - height];
  }
}

export function around(areas: Area[]): Area {
  const x = Math.min(...areas.map((area) => area.x));
  const y = Math.min(...areas.map((area) => area.y));
  return {
    x,
    y,
    width: Math.max(...areas.map((area) => area.x + area.width)) - x,
    height: Math.max(...areas.map((area) => area.y + area.height)) - y,
  };
}
