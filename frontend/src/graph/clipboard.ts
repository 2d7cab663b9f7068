/** Nodes as text: copied from one graph into another, in other tabs and installations too. */

import { parseExact, stringifyExact } from '../api/exactJson';
import type { Graph, GraphEdge, GraphNode } from '../api/types';
import { add, freeId, freeName, type CodeFields, type Place } from './edits';
import { renameInParams } from './mentions';

/** By which a text is known to be ours. */
const MARK = 'flowforge/nodes';

export interface Piece {
  nodes: GraphNode[];
  edges: GraphEdge[];
}

/** The nodes and the edges between them, as JSON text. */
export function copied(graph: Graph, ids: ReadonlySet<string>): string {
  const nodes = graph.nodes.filter(({ id }) => ids.has(id));
  const edges = graph.edges.filter(({ source, target }) => ids.has(source) && ids.has(target));
  return stringifyExact({ kind: MARK, nodes, edges });
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
  const { nodes, edges = [] } = value as { nodes?: unknown; edges?: unknown };
  if (!Array.isArray(nodes) || !nodes.every(isNode)) return null;
  if (!Array.isArray(edges) || !edges.every(isEdge)) return null;
  return { nodes, edges };
}

/**
 * The graph with a piece in it, around `middle` or, without, a little beside where it was. Its
 * nodes get ids and names that are free, and the expressions among them follow the names.
 */
export function pasted(
  graph: Graph,
  piece: Piece,
  codeOf: CodeFields,
  middle: Place | null = null,
): { graph: Graph; ids: Set<string> } {
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
  const [dx, dy] = shiftOf(piece.nodes, middle);
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
  return { graph: add(graph, nodes, edges), ids: new Set(ids.values()) };
}

const BESIDE: Place = [40, 40];

function shiftOf(nodes: GraphNode[], middle: Place | null): Place {
  if (middle === null) return BESIDE;
  const places = nodes.map(({ position }): Place => position ?? [0, 0]);
  const mean = (axis: 0 | 1) =>
    places.reduce((sum, place) => sum + place[axis], 0) / Math.max(places.length, 1);
  return [middle[0] - mean(0), middle[1] - mean(1)];
}

function isNode(value: unknown): value is GraphNode {
  if (typeof value !== 'object' || value === null) return false;
  const { id, type, name, params, position } = value as Record<string, unknown>;
  const isAt = position === undefined || (Array.isArray(position) && position.length === 2);
  const isTexts = [id, type, name].every((each) => typeof each === 'string' && each !== '');
  return isTexts && typeof params === 'object' && params !== null && isAt;
}

function isEdge(value: unknown): value is GraphEdge {
  if (typeof value !== 'object' || value === null) return false;
  const { source, source_output, target, target_input } = value as Record<string, unknown>;
  return [source, source_output, target, target_input].every((each) => typeof each === 'string');
}
