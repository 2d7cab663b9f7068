/** A graph as it is read: its nodes in the order in which items flow, and what each leads to. */

import type { Graph, GraphNode } from '../api/types';
import { placeOf } from './edits';

export interface Entry {
  node: GraphNode;
  leads: { output: string; input: string; to: GraphNode }[];
}

/**
 * A branch is read to its end before the next; a node comes after all that lead to it, unless they
 * lead back. Where all that is left leads back, what lies leftmost comes first.
 */
export function outline(graph: Graph): Entry[] {
  const nodes = graph.nodes.toSorted((a, b) => compare(placeOf(a), placeOf(b)));
  const known = new Map(nodes.map((node) => [node.id, node]));
  const leads = new Map<string, Entry['leads']>(nodes.map(({ id }) => [id, []]));
  const missing = new Map<string, number>();
  for (const edge of graph.edges) {
    const to = known.get(edge.target);
    const own = leads.get(edge.source);
    if (to === undefined || own === undefined) continue;
    own.push({ output: edge.source_output, input: edge.target_input, to });
    missing.set(to.id, (missing.get(to.id) ?? 0) + 1);
  }
  const read = new Set<string>();
  const entries: Entry[] = [];
  const readFrom = (first: GraphNode) => {
    const next = [first];
    for (let node = next.pop(); node !== undefined; node = next.pop()) {
      if (read.has(node.id)) continue;
      read.add(node.id);
      const own = leads.get(node.id) ?? [];
      entries.push({ node, leads: own });
      // The top-most is read first, so it is put in last.
      for (const { to } of own.toSorted((a, b) => placeOf(b.to)[1] - placeOf(a.to)[1])) {
        const left = (missing.get(to.id) ?? 0) - 1;
        missing.set(to.id, left);
        if (left === 0) next.push(to);
      }
    }
  };
  for (const node of nodes) if (!missing.has(node.id)) readFrom(node);
  for (const node of nodes) if (!read.has(node.id)) readFrom(node);
  return entries;
}

function compare([x, y]: [number, number], [otherX, otherY]: [number, number]): number {
  return x - otherX || y - otherY;
}
