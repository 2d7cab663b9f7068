/**
 * What changed from one graph to another, and both drawn as one.
 *
 * The API compares versions by the same rules (`apps/versions/diff.py`): `diffCases.json` holds both
 * to them. Here it is also a draft that nobody has saved.
 */

import type { Graph, GraphEdge, GraphNode, Json } from '../api/types';
import { differencesOf, isSame, type Differences } from './differences';
import { edgeId, type Place } from './edits';
import { BOX_HEIGHT, BOX_WIDTH } from './types';

export type Change = 'added' | 'removed' | 'changed';

export interface NodeChange {
  change: Change;
  /** The node as it is, or, of one that was removed, as it was. */
  node: GraphNode;
  /** Of a changed node; none of others. */
  differences: Differences;
}

export interface EdgeChange {
  change: 'added' | 'removed';
  edge: GraphEdge;
}

export interface GraphChanges {
  /** In the order of the graph, those that were removed behind. */
  nodes: NodeChange[];
  edges: EdgeChange[];
  /** What belongs to the whole: its settings, and what else stands beside nodes and edges. */
  rest: Differences;
  /** How many nodes only lie elsewhere. */
  movedCount: number;
}

/** Room for a box, and some between two. */
const BELOW = BOX_HEIGHT + 20;
const NONE: Differences = { found: [], areMore: false };
/** What says nothing where it is left out: a draft may have it, and a version not. */
const DEFAULTS: Record<string, Json> = {
  type_version: 1,
  disabled: false,
  pinned: null,
  notes: '',
  timeout_s: 60,
  on_error: 'stop',
  always_output: false,
  run_once: false,
  on_crash: null,
};

/** Nodes are the same when their ids are. Where they lie is no change of what they do. */
export function changesOf(before: Graph, after: Graph): GraphChanges {
  const [old, now] = [byId(before.nodes), byId(after.nodes)];
  const nodes = after.nodes.flatMap((node): NodeChange[] => {
    const was = old.get(node.id);
    if (was === undefined) return [{ change: 'added', node, differences: NONE }];
    const differences = differencesOf(meant(was), meant(node));
    return differences.found.length === 0 ? [] : [{ change: 'changed', node, differences }];
  });
  for (const node of before.nodes) {
    if (!now.has(node.id)) nodes.push({ change: 'removed', node, differences: NONE });
  }
  const [oldEdges, nowEdges] = [
    new Set(before.edges.map(edgeId)),
    new Set(after.edges.map(edgeId)),
  ];
  return {
    nodes,
    edges: [
      ...edgesBut(after.edges, oldEdges).map((edge) => ({ change: 'added' as const, edge })),
      ...edgesBut(before.edges, nowEdges).map((edge) => ({ change: 'removed' as const, edge })),
    ],
    rest: differencesOf(beside(before), beside(after)),
    movedCount: after.nodes.filter(({ id, position }) => {
      const was = old.get(id);
      return was !== undefined && !isSame(was.position ?? [0, 0], position ?? [0, 0]);
    }).length,
  };
}

/** Whether nothing differs in what the graphs do. */
export function isUnchanged({ nodes, edges, rest }: GraphChanges): boolean {
  return nodes.length === 0 && edges.length === 0 && rest.found.length === 0;
}

/** The graph as it is, with what was removed from it still there. */
export function drawnTogether(after: Graph, { nodes, edges }: GraphChanges): Graph {
  const taken = after.nodes.flatMap(({ position }) => (position === undefined ? [] : [position]));
  const gone = nodes
    .filter(({ change }) => change === 'removed')
    .map(({ node }) => {
      // What took its place stands there: it is drawn below.
      if (node.position === undefined) return node;
      const [x, top] = node.position;
      const tops = taken.flatMap(([left, at]) => (Math.abs(left - x) < BOX_WIDTH ? [at] : []));
      let y = top;
      // From the top down, so that each is passed once.
      for (const other of tops.toSorted((a, b) => a - b)) {
        while (Math.abs(other - y) < BOX_HEIGHT) y += BELOW;
      }
      taken.push([x, y]);
      return { ...node, position: [x, y] as Place };
    });
  const goneEdges = edges.filter(({ change }) => change === 'removed').map(({ edge }) => edge);
  return {
    ...after,
    nodes: [...after.nodes, ...gone],
    edges: [...after.edges, ...goneEdges],
  };
}

/** Whether a node does something else than it did; the same object is not looked at. */
export function isChanged(was: GraphNode, node: GraphNode): boolean {
  return was !== node && !isSame(meant(was), meant(node));
}

/** What a node is told to do: all but where it lies, and nothing that is as it is by default. */
function meant(node: GraphNode): Json {
  const members = Object.entries(node).filter(
    ([name, value]) => name !== 'position' && (!(name in DEFAULTS) || DEFAULTS[name] !== value),
  );
  return Object.fromEntries(members);
}

/** What stands beside nodes and edges. Nothing of a kind is the same as none. */
function beside({ settings, sticky_notes, groups }: Graph): Json {
  const parts = {
    settings: settings ?? {},
    sticky_notes: Object.fromEntries(byId(sticky_notes ?? [])),
    groups: Object.fromEntries(byId(groups ?? [])),
  };
  return Object.fromEntries(
    Object.entries(parts).filter(([, part]) => Object.keys(part).length > 0),
  );
}

function byId<T extends { id: string }>(rows: T[]): Map<string, T> {
  return new Map(rows.map((row) => [row.id, row]));
}

function edgesBut(edges: GraphEdge[], known: ReadonlySet<string>): GraphEdge[] {
  return edges.filter((edge) => !known.has(edgeId(edge)));
}
