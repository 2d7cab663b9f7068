/** Nodes, and the notes and frames around them, as text: copied from one graph into another, in other tabs and installations too. */

import { parseExact, stringifyExact } from '../api/exactJson';
import {
  COLORS,
  type Graph,
  type GraphEdge,
  type GraphNode,
  type NodeGroup,
  type StickyNote,
} from '../api/types';
import type { Chosen } from './chosen';
import { add, freeId, freeName, type CodeFields, type Place } from './edits';
import { addGroups, groupsOf } from './groups';
import { renameInParams } from './mentions';
import { addNotes, freeMark, notesOf } from './notes';
import { BOX_HEIGHT, BOX_WIDTH, type Area } from './types';

/** By which a text is known to be ours. */
const MARK = 'flowforge/nodes';

export interface Piece {
  nodes: GraphNode[];
  edges: GraphEdge[];
  sticky_notes: StickyNote[];
  groups: NodeGroup[];
}

/** The nodes with the edges between them and the groups that they are in, and notes, as JSON text. */
export function copied(graph: Graph, { nodes: ids, notes }: Chosen): string {
  const nodes = graph.nodes.filter(({ id }) => ids.has(id));
  const edges = graph.edges.filter(({ source, target }) => ids.has(source) && ids.has(target));
  const sticky_notes = notesOf(graph).filter(({ id }) => notes.has(id));
  const groups = groupsOf(graph).flatMap((group) => {
    const inside = group.nodes.filter((id) => ids.has(id));
    return inside.length === 0 ? [] : [{ ...group, nodes: inside }];
  });
  return stringifyExact({ kind: MARK, nodes, edges, sticky_notes, groups });
}

/** What a text holds: nodes that were copied, or a whole graph; null where it is neither. */
export function pieceIn(text: string): Piece | null {
  let value: unknown;
  try {
    value = parseExact(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { nodes, edges = [], sticky_notes = [], groups = [] } = value as Record<string, unknown>;
  if (!isListOf(nodes, isNode) || !isListOf(edges, isEdge)) return null;
  if (!isListOf(sticky_notes, isNote) || !isListOf(groups, isGroup)) return null;
  return { nodes, edges, sticky_notes, groups };
}

/**
 * The graph with a piece in it, around `middle` or, without, below where it was. All in
 * it gets ids that are free, nodes also names, and the expressions among them follow the names.
 */
export function pasted(
  graph: Graph,
  piece: Piece,
  codeOf: CodeFields,
  middle: Place | null = null,
): { graph: Graph; nodes: Set<string>; notes: Set<string> } {
  const takenIds = new Set(graph.nodes.map(({ id }) => id));
  const takenNames = new Set(graph.nodes.map(({ name }) => name));
  const ids = new Map<string, string>();
  const names = new Map<string, string>();
  for (const node of piece.nodes) {
    const id = freeId(takenIds);
    const name = freeName(node.name, takenNames);
    takenIds.add(id);
    takenNames.add(name);
    ids.set(node.id, id);
    names.set(node.name, name);
  }
  const pieces = [...piece.nodes, ...piece.sticky_notes];
  const [dx, dy] =
    middle === null ? besides(pieces, [...graph.nodes, ...notesOf(graph)]) : around(pieces, middle);
  const nodes = piece.nodes.map((node): GraphNode => {
    const [x, y] = node.position ?? [0, 0];
    return {
      ...node,
      id: ids.get(node.id) ?? node.id,
      name: names.get(node.name) ?? node.name,
      params: renameInParams(node.params, names, codeOf(node)),
      position: [Math.round(x + dx), Math.round(y + dy)],
    };
  });
  const edges = piece.edges.flatMap((edge) => {
    const [source, target] = [ids.get(edge.source), ids.get(edge.target)];
    return source === undefined || target === undefined ? [] : [{ ...edge, source, target }];
  });
  const takenNotes = new Set(notesOf(graph).map(({ id }) => id));
  const sticky_notes = piece.sticky_notes.map((note): StickyNote => {
    const [x, y] = note.position;
    const position: Place = [Math.round(x + dx), Math.round(y + dy)];
    return { ...note, id: taking(takenNotes, 's'), position };
  });
  const takenGroups = new Set(groupsOf(graph).map(({ id }) => id));
  const groups = piece.groups.flatMap((group): NodeGroup[] => {
    const inside = group.nodes.flatMap((id) => ids.get(id) ?? []);
    return inside.length === 0 ? [] : [{ ...group, id: taking(takenGroups, 'g'), nodes: inside }];
  });
  return {
    graph: addGroups(addNotes(add(graph, nodes, edges), sticky_notes), groups),
    nodes: new Set(ids.values()),
    notes: new Set(sticky_notes.map(({ id }) => id)),
  };
}

function taking(taken: Set<string>, letter: 's' | 'g'): string {
  const id = freeMark(letter, taken);
  taken.add(id);
  return id;
}

const BESIDE = 40;

interface Placed {
  position?: Place;
  /** Of a note; a node is a box. */
  size?: Place;
}

function placeOf({ position = [0, 0] }: Placed): Place {
  return position;
}

/** How far they are moved to lie below where they were, and on none of the others. */
function besides(pieces: Placed[], others: Placed[]): Place {
  const areas = others.map(areaOf);
  const isTaken = (by: number) =>
    pieces.map(areaOf).some((each) => areas.some((area) => isOver(each, area, by)));
  let by = BESIDE;
  while (isTaken(by)) by += BESIDE;
  return [0, by];
}

function areaOf({ position: [x, y] = [0, 0], size = [BOX_WIDTH, BOX_HEIGHT] }: Placed): Area {
  return { x, y, width: size[0], height: size[1] };
}

/** Whether one that is moved down by so much covers something of another. */
function isOver(one: Area, other: Area, by: number): boolean {
  const isBeside = one.x + one.width <= other.x || other.x + other.width <= one.x;
  const top = one.y + by;
  return !isBeside && top < other.y + other.height && other.y < top + one.height;
}

/** How far they are moved to lie around a place. */
function around(pieces: Placed[], middle: Place): Place {
  const places = pieces.map(placeOf);
  const mean = (axis: 0 | 1) =>
    places.reduce((sum, place) => sum + place[axis], 0) / Math.max(places.length, 1);
  return [middle[0] - mean(0), middle[1] - mean(1)];
}

function isListOf<T>(value: unknown, is: (each: unknown) => each is T): value is T[] {
  return Array.isArray(value) && value.every(is);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isPair(value: unknown): boolean {
  return isListOf(value, (each) => typeof each === 'number') && value.length === 2;
}

function isColor(value: unknown): boolean {
  return value === undefined || COLORS.some((color) => color === value);
}

function isNode(value: unknown): value is GraphNode {
  if (!isObject(value)) return false;
  const { id, type, name, params, position } = value;
  const isAt = position === undefined || isPair(position);
  return [id, type, name].every(isText) && isObject(params) && isAt;
}

function isEdge(value: unknown): value is GraphEdge {
  if (!isObject(value)) return false;
  const { source, source_output, target, target_input } = value;
  return [source, source_output, target, target_input].every((each) => typeof each === 'string');
}

function isNote(value: unknown): value is StickyNote {
  if (!isObject(value)) return false;
  const { id, text, position, size, color } = value;
  return isText(id) && typeof text === 'string' && [position, size].every(isPair) && isColor(color);
}

function isGroup(value: unknown): value is NodeGroup {
  if (!isObject(value)) return false;
  const { id, name, nodes, color } = value;
  return [id, name].every(isText) && isListOf(nodes, isText) && isColor(color);
}
