/** The edited graph as the canvas draws it, with what is held where it is held. */

import type { Graph } from '../api/types';
import {
  frameNode,
  noteNode,
  ofKey,
  sized,
  type CanvasNode,
  type FrameNodeType,
} from '../canvas/nodes';
import { placeOf, type Place } from '../graph/edits';
import { frameAround, groupsOf } from '../graph/groups';
import { notesOf } from '../graph/notes';
import type { EditorState } from './Editor';
import { flowNode, type Marks } from './flow';
import type { Held } from './held';

/** What lies behind comes first: frames, then notes, then nodes. */
export function drawn(
  { graph, nodes, notes, written }: Pick<EditorState, 'graph' | 'nodes' | 'notes' | 'written'>,
  marks: (id: string) => Marks,
): CanvasNode[] {
  const isWritten = (kind: 'note' | 'group', id: string) =>
    written?.kind === kind && written.id === id;
  const places = placesOf(graph);
  const frames = groupsOf(graph).flatMap((group) => {
    const area = frameAround(group, places);
    const isSelected = group.nodes.every((id) => nodes.has(id));
    return area === null
      ? []
      : [frameNode(group, area, { isSelected, isWritten: isWritten('group', group.id) })];
  });
  return [
    ...frames,
    ...notesOf(graph).map((note) =>
      noteNode(note, { isSelected: notes.has(note.id), isWritten: isWritten('note', note.id) }),
    ),
    ...graph.nodes.map((node) =>
      flowNode(node, { ...marks(node.id), isSelected: nodes.has(node.id) }),
    ),
  ];
}

/** Each move of the mouse comes here: of a large graph only what is held is made anew. */
export function inMotion(all: CanvasNode[], held: Held, graph: Graph): CanvasNode[] {
  const places = new Map([...placesOf(graph), ...held.nodes]);
  return all.map((each) => {
    const { kind, id } = ofKey(each.id);
    if (each.type === 'frame') {
      return each.data.group.nodes.some((node) => held.nodes.has(node))
        ? around(each, places)
        : each;
    }
    const place = (kind === 'note' ? held.notes : held.nodes).get(id);
    const size = kind === 'note' ? held.sizes.get(id) : undefined;
    if (place === undefined && size === undefined) return each;
    return {
      ...each,
      ...(place !== undefined && { position: { x: place[0], y: place[1] }, dragging: true }),
      ...(size !== undefined && sized(...size)),
    };
  });
}

function around(frame: FrameNodeType, places: ReadonlyMap<string, Place>): FrameNodeType {
  const area = frameAround(frame.data.group, places);
  if (area === null) return frame;
  const { x, y, width, height } = area;
  return { ...frame, position: { x, y }, ...sized(width, height), dragging: true };
}

function placesOf(graph: Graph): Map<string, Place> {
  return new Map(graph.nodes.map((node): [string, Place] => [node.id, placeOf(node)]));
}
