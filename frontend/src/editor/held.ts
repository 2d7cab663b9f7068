/** What is moved or resized by hand and not let go yet: it is drawn so, and edited once it is. */

import type { NodeChange, NodeDimensionChange } from '@xyflow/react';
import type { Graph } from '../api/types';
import { ofKey, type CanvasNode } from '../canvas/nodes';
import { moveTo } from '../graph/chosen';
import { placeOf, type Place } from '../graph/edits';
import { frameAround, groupsOf } from '../graph/groups';
import { changeNotes } from '../graph/notes';

export interface Held {
  nodes: ReadonlyMap<string, Place>;
  notes: ReadonlyMap<string, Place>;
  sizes: ReadonlyMap<string, [width: number, height: number]>;
}

export const NOTHING_HELD: Held = { nodes: new Map(), notes: new Map(), sizes: new Map() };

/**
 * What is held after the changes, and whether it was let go. A frame takes its nodes along, and
 * then nothing else is moved with it.
 */
export function holding(
  held: Held,
  changes: NodeChange<CanvasNode>[],
  graph: Graph,
): { held: Held; isLetGo: boolean } {
  const moved = changes.filter((each) => each.type === 'position');
  // Without `resizing` the canvas only says how large it found something.
  const resized = changes.filter(
    (each) => each.type === 'dimensions' && each.resizing !== undefined,
  ) as NodeDimensionChange[];
  if (moved.length + resized.length === 0) return { held, isLetGo: false };
  const next = {
    nodes: new Map(held.nodes),
    notes: new Map(held.notes),
    sizes: new Map(held.sizes),
  };
  const byFrame = moved.find(({ id }) => ofKey(id).kind === 'group');
  for (const { id: key, position } of byFrame === undefined ? moved : [byFrame]) {
    if (position === undefined) continue;
    const { kind, id } = ofKey(key);
    const place: Place = [position.x, position.y];
    if (kind === 'node') next.nodes.set(id, place);
    else if (kind === 'note') next.notes.set(id, place);
    else for (const [node, at] of takenAlong(graph, id, place)) next.nodes.set(node, at);
  }
  for (const { id, dimensions } of resized) {
    if (dimensions) next.sizes.set(ofKey(id).id, [dimensions.width, dimensions.height]);
  }
  const isLetGo =
    moved.some(({ dragging }) => dragging === false) ||
    resized.some(({ resizing }) => resizing === false);
  return { held: next, isLetGo };
}

/** The graph with what is held put down. */
export function putDown(graph: Graph, { nodes, notes, sizes }: Held): Graph {
  return changeNotes(moveTo(graph, { nodes, notes }), new Set(sizes.keys()), ({ id, size }) => {
    const [width, height] = sizes.get(id) ?? size;
    return { size: [Math.round(width), Math.round(height)] };
  });
}

/** The places of a group's nodes, where its frame is at `to`. */
function takenAlong(graph: Graph, id: string, [toX, toY]: Place): [string, Place][] {
  const group = groupsOf(graph).find((each) => each.id === id);
  const places = new Map(graph.nodes.map((node): [string, Place] => [node.id, placeOf(node)]));
  const frame = group === undefined ? null : frameAround(group, places);
  if (group === undefined || frame === null) return [];
  return group.nodes.flatMap((node) => {
    const [x, y] = places.get(node) ?? [];
    return x === undefined || y === undefined
      ? []
      : [[node, [x + toX - frame.x, y + toY - frame.y]]];
  });
}
