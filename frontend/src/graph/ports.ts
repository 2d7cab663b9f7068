/** By which ends a node can be connected. */

import type { GraphEdge, GraphNode } from '../api/types';
import { ERROR_OUTPUT } from './edits';

export interface Ports {
  inputs: string[];
  outputs: string[];
}

/**
 * The ends of each node: those that its type has, or that its own params give it (`own`), the
 * output for errors where it has one, and those that only its edges name, so that what is wrong can
 * be seen.
 */
export function portsOf(
  nodes: GraphNode[],
  edges: GraphEdge[],
  typed: (node: GraphNode) => Ports | undefined,
): Map<string, Ports> {
  const inputs = named(edges.map((edge) => [edge.target, edge.target_input]));
  const outputs = named(edges.map((edge) => [edge.source, edge.source_output]));
  return new Map(
    nodes.map((node) => {
      const known = typed(node) ?? { inputs: [], outputs: [] };
      const routed = node.on_error === 'route' ? [ERROR_OUTPUT] : [];
      return [
        node.id,
        {
          inputs: union(known.inputs, inputs.get(node.id)),
          outputs: union([...known.outputs, ...routed], outputs.get(node.id)),
        },
      ];
    }),
  );
}

function union(known: string[], used: Set<string> = new Set()): string[] {
  return [...new Set([...known, ...used])];
}

function named(pairs: [node: string, end: string][]): Map<string, Set<string>> {
  const ends = new Map<string, Set<string>>();
  for (const [node, end] of pairs) ends.set(node, (ends.get(node) ?? new Set()).add(end));
  return ends;
}
