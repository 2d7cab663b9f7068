/** Where a new node goes, and what it is connected to. */

import type { Graph, GraphEdge, GraphNode, NodeType } from '../api/types';
import { add, connect, freeId, freeName, nodeOf, putOnEdge, type Place } from '../graph/edits';
import { BOX_HEIGHT, BOX_WIDTH } from '../graph/types';

/** What a new node is added to. */
export type Spot =
  /** Behind an output of a node, and there to its right unless it says where. */
  | { behind: string; output: string; at?: Place }
  /** Into the middle of an edge. */
  | { on: GraphEdge }
  /** At a place of its own. */
  | { at: Place };

const COLUMN = BOX_WIDTH + 112;
const ROW = BOX_HEIGHT + 40;

/** The graph with a node of the type, and the node's id. */
export function withNew(graph: Graph, type: NodeType, spot: Spot): { graph: Graph; id: string } {
  const id = freeId(new Set(graph.nodes.map((node) => node.id)));
  const node: GraphNode = {
    id,
    type: type.type,
    type_version: type.version,
    name: freeName(type.label, new Set(graph.nodes.map(({ name }) => name))),
    params: {},
    position: freePlace(graph, placeFor(graph, spot)),
  };
  const [input, output] = [type.inputs[0], type.outputs[0]];
  const grown = add(graph, [node]);
  if ('behind' in spot && input !== undefined) {
    const { behind: source, output: source_output } = spot;
    const edge = { source, source_output, target: id, target_input: input };
    return { id, graph: connect(grown, edge) };
  }
  if ('on' in spot && input !== undefined && output !== undefined) {
    return { id, graph: putOnEdge(grown, spot.on, { id, input, output }) };
  }
  return { id, graph: grown };
}

function placeFor(graph: Graph, spot: Spot): Place {
  if ('at' in spot && spot.at !== undefined) return spot.at;
  if ('behind' in spot) {
    const [x, y] = nodeOf(graph, spot.behind)?.position ?? [0, 0];
    return [x + COLUMN, y];
  }
  if (!('on' in spot)) return [0, 0];
  const from = nodeOf(graph, spot.on.source)?.position ?? [0, 0];
  const to = nodeOf(graph, spot.on.target)?.position ?? [0, 0];
  return [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2 + (to[0] - from[0] < 2 * COLUMN ? ROW : 0)];
}

/** The place, or the next one below that covers no other node. */
function freePlace(graph: Graph, [x, y]: Place): Place {
  const isTaken = (at: number) =>
    graph.nodes.some(({ position: [left, top] = [0, 0] }) => {
      return Math.abs(left - x) < BOX_WIDTH && Math.abs(top - at) < BOX_HEIGHT;
    });
  let free = y;
  while (isTaken(free)) free += ROW;
  return [Math.round(x), Math.round(free)];
}
