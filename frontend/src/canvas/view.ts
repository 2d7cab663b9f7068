/** Which part of a drawing its frame shows, and how large. */

import { getViewportForBounds, type Rect, type Viewport } from '@xyflow/react';
import { BOX_HEIGHT, BOX_WIDTH, type Area, type Box, type Drawing } from '../graph/types';

/** Where a box begins. */
type Spot = Pick<Box, 'x' | 'y'>;

export interface Frame {
  width: number;
  height: number;
}

/** At the right lie the buttons, and lines that turn back. */
export const FIT = { padding: { x: '24px', y: '16px', right: '72px' }, maxZoom: 1 } as const;
export const PHONE_PX = 600;
/** Below it the texts of a node are too small to be read. */
export const FAR_ZOOM = 0.3;

/**
 * The whole drawing. Where that would be too small to read, what is around the box in focus, or
 * else where the drawing begins.
 */
export function viewOf(drawing: Drawing, frame: Frame, focus: Box | null): Viewport {
  const bounds = boundsOf(drawing);
  const { width, height } = frame;
  const whole = getViewportForBounds(bounds, width, height, 0, FIT.maxZoom, FIT.padding);
  // On a phone a readable part is worth more than the whole.
  const zoom = width < PHONE_PX ? 0.8 : 0.5;
  if (whole.zoom >= zoom) return whole;
  const y = height / 2 - (bounds.y + bounds.height / 2) * zoom;
  const beginning = { x: 16 - bounds.x * zoom, y, zoom };
  return focus === null || isInView(focus, frame, beginning)
    ? beginning
    : viewAround(focus, frame, zoom);
}

/** The box in the middle. */
export function viewAround({ x, y }: Spot, { width, height }: Frame, zoom: number): Viewport {
  return {
    x: width / 2 - (x + BOX_WIDTH / 2) * zoom,
    y: height / 2 - (y + BOX_HEIGHT / 2) * zoom,
    zoom,
  };
}

/** Whether all of the box is seen. */
export function isInView({ x, y }: Spot, { width, height }: Frame, view: Viewport): boolean {
  const left = x * view.zoom + view.x;
  const top = y * view.zoom + view.y;
  const right = left + BOX_WIDTH * view.zoom;
  const bottom = top + BOX_HEIGHT * view.zoom;
  return left >= 0 && top >= 0 && right <= width && bottom <= height;
}

function boundsOf({ boxes, lines, notes, frames }: Drawing): Rect {
  const areas: Area[] = [
    ...boxes.map(({ x, y }) => ({ x, y, width: BOX_WIDTH, height: BOX_HEIGHT })),
    ...notes.map(({ position: [x, y], size: [width, height] }) => ({ x, y, width, height })),
    ...frames.map(({ area }) => area),
  ];
  const xs = areas.flatMap(({ x, width }) => [x, x + width]);
  const detours = lines.flatMap(({ detour }) => (detour === null ? [] : [detour]));
  const ys = [...areas.flatMap(({ y, height }) => [y, y + height]), ...detours];
  const [x, y] = [least(xs), least(ys)];
  const [right, bottom] = [-least(xs.map((n) => -n)), -least(ys.map((n) => -n))];
  return { x, y, width: right - x, height: bottom - y };
}

function least(numbers: number[]): number {
  return numbers.reduce((a, b) => Math.min(a, b), Infinity);
}
