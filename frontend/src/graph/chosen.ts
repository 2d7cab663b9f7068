/** Nodes and sticky notes, edited as one. */

import type { Graph } from '../api/types';
import { move, remove, type Place } from './edits';
import { changeNotes, notesOf, removeNotes } from './notes';
import { BOX_HEIGHT, BOX_WIDTH, type Area } from './types';

/** By their ids. */
export interface Chosen {
  nodes: ReadonlySet<string>;
  notes: ReadonlySet<string>;
}

export interface Places {
  nodes: ReadonlyMap<string, Place>;
  notes: ReadonlyMap<string, Place>;
}

export function removeChosen(graph: Graph, { nodes, notes }: Chosen): Graph {
  return removeNotes(remove(graph, nodes), notes);
}

export function moveTo(graph: Graph, { nodes, notes }: Places): Graph {
  return changeNotes(move(graph, nodes), new Set(notes.keys()), ({ id, position }) => {
    const [x, y] = notes.get(id) ?? position;
    return { position: [Math.round(x), Math.round(y)] };
  });
}

/** Moves them by so much. */
export function shift(graph: Graph, chosen: Chosen, [dx, dy]: Place): Graph {
  const shifted = areasOf(graph, chosen).map(({ key, area }) => ({
    key,
    at: [area.x + dx, area.y + dy] as Place,
  }));
  return moveTo(graph, placesBy(shifted));
}

/** Which of a graph's pieces one is. */
export interface Key {
  kind: 'node' | 'note';
  id: string;
}

/** What each of them covers. */
export function areasOf(graph: Graph, { nodes, notes }: Chosen): { key: Key; area: Area }[] {
  return [
    ...graph.nodes
      .filter(({ id }) => nodes.has(id))
      .map(({ id, position: [x, y] = [0, 0] }) => ({
        key: { kind: 'node' as const, id },
        area: { x, y, width: BOX_WIDTH, height: BOX_HEIGHT },
      })),
    ...notesOf(graph)
      .filter(({ id }) => notes.has(id))
      .map(({ id, position: [x, y], size: [width, height] }) => ({
        key: { kind: 'note' as const, id },
        area: { x, y, width, height },
      })),
  ];
}

export function placesBy(placed: { key: Key; at: Place }[]): Places {
  const of = (kind: Key['kind']) =>
    new Map(placed.flatMap(({ key, at }) => (key.kind === kind ? [[key.id, at] as const] : [])));
  return { nodes: of('node'), notes: of('note') };
}
