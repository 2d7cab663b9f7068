/** What the server says of a draft, told at the nodes that it is of. */

import { ApiError } from '../api/client';
import type { Fault, Graph, GraphNode } from '../api/types';
import type { Saving } from './DraftSaver';

export interface Problem extends Fault {
  isError: boolean;
  /** The node's id; null for what is of the whole graph. */
  node: string | null;
}

/** Where the paths begin of what is said of settings, and of a node's parameters. */
export const SETTINGS = 'settings';
export const PARAMS = 'params';

const AT_NODE = /^nodes\[(\d+)\]\.?/;
const AT_EDGE = /^edges\[(\d+)\]/;

/** The problems with their nodes; paths begin within the node. `graph` is the one judged. */
export function problemsOf(graph: Graph, errors: Fault[], warnings: Fault[]): Problem[] {
  const told = [
    ...errors.map((fault) => ({ ...fault, isError: true })),
    ...warnings.map((fault) => ({ ...fault, isError: false })),
  ];
  return told.map((fault) => {
    const atNode = AT_NODE.exec(fault.path);
    const atEdge = AT_EDGE.exec(fault.path);
    const node =
      atNode !== null
        ? graph.nodes[Number(atNode[1])]?.id
        : graph.edges[Number(atEdge?.[1] ?? -1)]?.source;
    const path = atNode === null ? fault.path : fault.path.slice(atNode[0].length);
    return { ...fault, path, node: node ?? null };
  });
}

/** Which parameter it is of, as "headers.accept"; empty where it is of none. */
export function fieldOf({ path }: Problem): string {
  return path.startsWith(`${PARAMS}.`) ? path.slice(PARAMS.length + 1) : '';
}

/** What is said below a path, with paths that begin there. */
export function toldBelow(whole: string, problems: Problem[]): Problem[] {
  return problems
    .filter(({ path }) => path.startsWith(`${whole}.`))
    .map((problem) => ({ ...problem, path: problem.path.slice(whole.length + 1) }));
}

/** What is said of a node, where it is plain which one is meant. */
export function withoutName(message: string, { name, id }: GraphNode): string {
  const called = [`Node “${name}” (${id}): `, `Node “${name}”: `, `Node “${id}”: `];
  const said = called.find((each) => message.startsWith(each)) ?? '';
  return message.slice(said.length);
}

/** What keeps the graph from being saved: it is no graph as it is now. */
export function refusedOf(graph: Graph, saving: Saving): Problem[] {
  if (saving.is !== 'failed' || !(saving.error instanceof ApiError)) return [];
  return problemsOf(graph, saving.error.faults, []);
}
