/** Walking a graph by arrow keys: along its edges, and between what stands above each other. */

import type { Graph, GraphNode } from '../api/types';
import { placeOf } from './edits';

export type Direction = 'left' | 'right' | 'up' | 'down';

/** The node that lies in a direction from another; null where none does. */
export function stepFrom(graph: Graph, from: string, direction: Direction): string | null {
  const here = graph.nodes.find(({ id }) => id === from);
  if (here === undefined) return graph.nodes[0]?.id ?? null;
  switch (direction) {
    case 'right':
      return nearest(here, joined(graph, from, 'source', 'target'));
    case 'left':
      return nearest(here, joined(graph, from, 'target', 'source'));
    case 'up':
      return nearest(here, beyond(graph, here, -1));
    case 'down':
      return nearest(here, beyond(graph, here, 1));
  }
}

/** The nodes to which the edges of a node lead, by one of their ends. */
function joined(graph: Graph, id: string, own: 'source' | 'target', other: 'source' | 'target') {
  const ids = new Set(graph.edges.flatMap((edge) => (edge[own] === id ? [edge[other]] : [])));
  return graph.nodes.filter((node) => node.id !== id && ids.has(node.id));
}

/** The nodes above or below, rather than beside. */
function beyond(graph: Graph, here: GraphNode, sign: 1 | -1): GraphNode[] {
  const [x, y] = placeOf(here);
  return graph.nodes.filter((node) => {
    const [otherX, otherY] = placeOf(node);
    return (otherY - y) * sign > 0 && Math.abs(otherX - x) <= Math.abs(otherY - y) * 2;
  });
}

function nearest(here: GraphNode, nodes: GraphNode[]): string | null {
  const [x, y] = placeOf(here);
  const distance = (node: GraphNode) => {
    const [otherX, otherY] = placeOf(node);
    return Math.hypot(otherX - x, otherY - y);
  };
  const [first] = nodes.toSorted((a, b) => distance(a) - distance(b));
  return first?.id ?? null;
}
