/** Where an edge from an output can lead. */

import type { Graph, GraphEdge, GraphNode } from '../api/types';
import { edgeId } from './edits';
import { outline } from './outline';
import type { Ports } from './ports';

export interface Target {
  edge: GraphEdge;
  node: GraphNode;
  /** It has other inputs, too. */
  isOneOfSome: boolean;
}

/** The inputs of the other nodes, as they are read, but for those that it leads to already. */
export function targetsOf(
  graph: Graph,
  source: string,
  source_output: string,
  portsOf: (id: string) => Ports,
): Target[] {
  const drawn = new Set(graph.edges.map(edgeId));
  return outline(graph)
    .filter(({ node }) => node.id !== source)
    .flatMap(({ node }) => {
      const { inputs } = portsOf(node.id);
      return inputs.map((target_input) => ({
        edge: { source, source_output, target: node.id, target_input },
        node,
        isOneOfSome: inputs.length > 1,
      }));
    })
    .filter(({ edge }) => !drawn.has(edgeId(edge)));
}
