/** The nodes that come before another, by any way that leads to it. */

import type { Graph, GraphNode } from '../api/types';

/** The nearest first; the node itself is not among them, though a loop may lead back to it. */
export function nodesBefore(graph: Graph, id: string): GraphNode[] {
  const found = new Set([id]);
  let edge = [id];
  while (edge.length > 0) {
    const targets = new Set(edge);
    edge = graph.edges.flatMap(({ source, target }) =>
      targets.has(target) && !found.has(source) ? [source] : [],
    );
    edge = [...new Set(edge)];
    for (const each of edge) found.add(each);
  }
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  return [...found].flatMap((each) => {
    const node = byId.get(each);
    return node === undefined || each === id ? [] : [node];
  });
}
