/**
 * What builders do to a graph. Each edit gives a new graph and leaves the old one as it was; what
 * an edit does not touch stays the same object, so that only what changed is drawn again.
 */

import type { Graph, GraphEdge, GraphNode } from '../api/types';
import { ungrouped } from './groups';
import { renameInParams } from './mentions';

export type Place = [x: number, y: number];

/** On which nodes are put by hand. */
export const GRID = 10;

export const MAIN = 'main';
/** By which a node's error leaves where `on_error` is `route`. */
export const ERROR_OUTPUT = 'error';
const LONGEST_NAME = 128;

export function edgeId(edge: GraphEdge): string {
  return `${edge.source}/${edge.source_output}->${edge.target}/${edge.target_input}`;
}

export function nodeOf(graph: Graph, id: string): GraphNode | undefined {
  return graph.nodes.find((node) => node.id === id);
}

export function placeOf({ position: [x, y] = [0, 0] }: GraphNode): Place {
  return [x, y];
}

/** A node and those that an edge joins with it. */
export function neighboursOf(graph: Graph, id: string): string[] {
  const joined = graph.edges.filter(({ source, target }) => source === id || target === id);
  return [...new Set([id, ...joined.flatMap(({ source, target }) => [source, target])])];
}

/** The nodes with `added` behind them. */
export function add(graph: Graph, added: GraphNode[], edges: GraphEdge[] = []): Graph {
  return { ...graph, nodes: [...graph.nodes, ...added], edges: [...graph.edges, ...edges] };
}

/** Changes some members of a node; one that becomes undefined is taken away. */
export function change(graph: Graph, id: string, members: Partial<GraphNode>): Graph {
  return onNodes(graph, new Set([id]), (node) => {
    const all = Object.entries({ ...node, ...members });
    return Object.fromEntries(
      all.filter(([, value]) => value !== undefined),
    ) as unknown as GraphNode;
  });
}

/** Moves nodes to new places. */
export function move(graph: Graph, places: ReadonlyMap<string, Place>): Graph {
  return onNodes(graph, new Set(places.keys()), (node) => {
    const [x, y] = places.get(node.id) ?? [0, 0];
    return { ...node, position: [Math.round(x), Math.round(y)] };
  });
}

/** Disables the nodes, or enables them where all are disabled already. */
export function toggleDisabled(graph: Graph, ids: ReadonlySet<string>): Graph {
  const areDisabled = graph.nodes.every((node) => !ids.has(node.id) || node.disabled === true);
  return onNodes(graph, ids, (node) => ({ ...node, disabled: !areDisabled }));
}

/** The params of a node whose text is code, and so may mention nodes without being an expression. */
export type CodeFields = (node: GraphNode) => ReadonlySet<string>;

/**
 * Gives a node another name, and its new name to the expressions that mention it. A name that
 * another node bears gets a number.
 */
export function rename(graph: Graph, id: string, wanted: string, codeOf: CodeFields): Graph {
  const node = nodeOf(graph, id);
  if (node === undefined || wanted === node.name || wanted.trim() === '') return graph;
  const others = graph.nodes.filter((each) => each.id !== id).map(({ name }) => name);
  const name = freeName(wanted.trim(), new Set(others));
  const names = new Map([[node.name, name]]);
  return {
    ...graph,
    nodes: graph.nodes.map((each) => {
      const params = renameInParams(each.params, names, codeOf(each));
      if (each.id === id) return { ...each, name, params };
      return params === each.params ? each : { ...each, params };
    }),
  };
}

/** Draws an edge; one that is there already is not drawn again. */
export function connect(graph: Graph, edge: GraphEdge): Graph {
  const id = edgeId(edge);
  if (graph.edges.some((each) => edgeId(each) === id)) return graph;
  return { ...graph, edges: [...graph.edges, edge] };
}

/** Takes edges away, by their ids. */
export function disconnect(graph: Graph, ids: ReadonlySet<string>): Graph {
  const edges = graph.edges.filter((edge) => !ids.has(edgeId(edge)));
  return edges.length === graph.edges.length ? graph : { ...graph, edges };
}

/** Takes nodes away with their edges, and out of their groups. */
export function remove(graph: Graph, ids: ReadonlySet<string>): Graph {
  if (ids.size === 0) return graph;
  return {
    ...ungrouped(graph, ids),
    nodes: graph.nodes.filter((node) => !ids.has(node.id)),
    edges: graph.edges.filter((edge) => !ids.has(edge.source) && !ids.has(edge.target)),
  };
}

/**
 * Takes nodes away, and leads what led to each on to where its first output in use led: the chain
 * stays one.
 */
export function removeAndReconnect(graph: Graph, ids: ReadonlySet<string>): Graph {
  let left = graph;
  for (const id of ids) {
    const incoming = left.edges.filter(({ source, target }) => target === id && source !== id);
    const outgoing = left.edges.filter(({ source, target }) => source === id && target !== id);
    const output = outgoing.find((edge) => edge.source_output === MAIN) ?? outgoing[0];
    const onward = outgoing.filter((edge) => edge.source_output === output?.source_output);
    left = remove(left, new Set([id]));
    for (const before of incoming) {
      for (const after of onward) {
        const { target, target_input } = after;
        left = connect(left, { ...before, target, target_input });
      }
    }
  }
  return left;
}

/** Puts a node that is in the graph into the middle of an edge; the edge becomes two. */
export function putOnEdge(
  graph: Graph,
  edge: GraphEdge,
  node: { id: string; input: string; output: string },
): Graph {
  const cut = disconnect(graph, new Set([edgeId(edge)]));
  const before = connect(cut, { ...edge, target: node.id, target_input: node.input });
  return connect(before, { ...edge, source: node.id, source_output: node.output });
}

/** A name that no node bears: the wanted one, or with the least number that is free. */
export function freeName(wanted: string, taken: ReadonlySet<string>): string {
  const [, stem = wanted, number = '1'] = /^(.*?)(?: (\d{1,6}))?$/s.exec(wanted) ?? [];
  let name = wanted.slice(0, LONGEST_NAME);
  for (let next = Number(number) + 1; taken.has(name); next += 1) {
    const suffix = ` ${next}`;
    name = stem.slice(0, LONGEST_NAME - suffix.length) + suffix;
  }
  return name;
}

/** An id that no node bears: "n1", "n2", … */
export function freeId(taken: ReadonlySet<string>): string {
  let number = taken.size + 1;
  while (taken.has(`n${number}`)) number += 1;
  return `n${number}`;
}

function onNodes(
  graph: Graph,
  ids: ReadonlySet<string>,
  edit: (node: GraphNode) => GraphNode,
): Graph {
  if (!graph.nodes.some((node) => ids.has(node.id))) return graph;
  return { ...graph, nodes: graph.nodes.map((node) => (ids.has(node.id) ? edit(node) : node)) };
}
