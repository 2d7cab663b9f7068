/** Which edges of a graph lead back, as the last one of a loop does. */

import type { Graph, GraphEdge } from '../api/types';
import { placeOf } from './edits';

/**
 * The edges into a node through which items came to their source, walked from where the graph
 * begins. A ring that nothing leads into begins with what lies leftmost.
 */
export function backEdges(graph: Graph): Set<GraphEdge> {
  const from = new Map<string, GraphEdge[]>(graph.nodes.map(({ id }) => [id, []]));
  for (const edge of graph.edges) from.get(edge.source)?.push(edge);
  const entered = new Set(graph.edges.map(({ target }) => target));
  const begins = graph.nodes.filter(({ id }) => !entered.has(id));
  const others = graph.nodes.toSorted((a, b) => placeOf(a)[0] - placeOf(b)[0]);
  const back = new Set<GraphEdge>();
  const seen = new Set<string>();
  for (const { id } of [...begins, ...others]) if (!seen.has(id)) walk(id, from, seen, back);
  return back;
}

/** By a list of its own, not by calling itself: a graph may be longer than a stack is high. */
function walk(
  begin: string,
  from: ReadonlyMap<string, GraphEdge[]>,
  seen: Set<string>,
  back: Set<GraphEdge>,
): void {
  const enter = (id: string) => {
    seen.add(id);
    onTheWay.add(id);
    return { id, left: [...(from.get(id) ?? [])] };
  };
  const onTheWay = new Set<string>();
  const way = [enter(begin)];
  for (let last = way.at(-1); last !== undefined; last = way.at(-1)) {
    const edge = last.left.shift();
    if (edge === undefined) {
      onTheWay.delete(last.id);
      way.pop();
    } else if (onTheWay.has(edge.target)) back.add(edge);
    else if (!seen.has(edge.target)) way.push(enter(edge.target));
  }
}
