/** Where a new node goes, and what it is connected to. */

import type { Graph, GraphEdge, GraphNode, NodeType } from '../api/types';
import {
  add,
  connect,
  edgeId,
  freeId,
  freeName,
  nodeOf,
  putOnEdge,
  type Place,
} from '../graph/edits';
import type { Ports } from '../graph/ports';
import { BOX_HEIGHT, BOX_WIDTH } from '../graph/types';
import type { EditorState } from './Editor';

/** What a new node is added to. */
export type Spot =
  /** Behind an output of a node, and there to its right unless it says where. */
  | { behind: string; output: string; at?: Place }
  /** Into the middle of an edge. */
  | { on: GraphEdge }
  /** At a place of its own. */
  | { at: Place };

/**
 * Where a node is added that nobody has found a place for: into the edge that is selected, behind
 * the one node that is, by its first output that leads nowhere; else below all.
 */
export function spotFor(
  { graph, nodes, edges }: Pick<EditorState, 'graph' | 'nodes' | 'edges'>,
  portsOf: (id: string) => Ports,
): Spot {
  const edge = graph.edges.find((each) => edges.has(edgeId(each)));
  if (edge !== undefined && edges.size === 1) return { on: edge };
  const [only] = nodes.size === 1 ? nodes : [];
  if (only !== undefined) {
    const { outputs } = portsOf(only);
    const own = graph.edges.filter(({ source }) => source === only);
    const used = new Set(own.map(({ source_output }) => source_output));
    const output = outputs.find((name) => !used.has(name)) ?? outputs[0];
    if (output !== undefined) return { behind: only, output };
  }
  const lowest = Math.max(...graph.nodes.map(({ position }) => position?.[1] ?? 0), -ROW);
  return { at: [graph.nodes[0]?.position?.[0] ?? 0, lowest + ROW] };
}

/** Whether a node of the type can stand there. */
export function fits(type: NodeType, spot: Spot): boolean {
  if ('behind' in spot) return type.inputs.length > 0;
  return !('on' in spot) || (type.inputs.length > 0 && type.outputs.length > 0);
}

/** What is said of the spot behind "Add a node". */
export function wordsFor(spot: Spot, graph: Graph): string {
  if ('behind' in spot) return `behind “${nodeOf(graph, spot.behind)?.name ?? ''}”`;
  return 'on' in spot ? 'on the line' : '';
}

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
