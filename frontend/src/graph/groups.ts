/** Groups: named frames around nodes. A node is in one at most, and a group without nodes is none. */

import type { Graph, NodeGroup } from '../api/types';
import type { Place } from './edits';
import { freeMark } from './notes';
import { BOX_HEIGHT, BOX_WIDTH, type Area } from './types';

/** Between a frame and what it is around; at its top stands its name. All on the grid of nodes. */
export const FRAME_PADDING = { top: 50, side: 20 };

export function groupsOf(graph: Graph): NodeGroup[] {
  return graph.groups ?? [];
}

/** The graph with a group of these nodes, which leave those that they were in; and its id. */
export function grouped(graph: Graph, ids: ReadonlySet<string>): { graph: Graph; id: string } {
  const id = freeMark('g', new Set(groupsOf(graph).map((group) => group.id)));
  const nodes = graph.nodes.flatMap((node) => (ids.has(node.id) ? [node.id] : []));
  const left = ungrouped(graph, ids);
  return { id, graph: addGroups(left, [{ id, name: 'Group', nodes }]) };
}

/** Takes nodes out of their groups. */
export function ungrouped(graph: Graph, ids: ReadonlySet<string>): Graph {
  if (!groupsOf(graph).some(({ nodes }) => nodes.some((id) => ids.has(id)))) return graph;
  const groups = groupsOf(graph).flatMap((group) => {
    const nodes = group.nodes.filter((id) => !ids.has(id));
    if (nodes.length === group.nodes.length) return [group];
    return nodes.length === 0 ? [] : [{ ...group, nodes }];
  });
  return { ...graph, groups };
}

/** Takes the frames away from around nodes. */
export function dissolved(graph: Graph, ids: ReadonlySet<string>): Graph {
  const groups = groupsOf(graph).filter(({ nodes }) => !nodes.some((id) => ids.has(id)));
  return groups.length === groupsOf(graph).length ? graph : { ...graph, groups };
}

export function addGroups(graph: Graph, added: NodeGroup[]): Graph {
  return added.length === 0 ? graph : { ...graph, groups: [...groupsOf(graph), ...added] };
}

/** Changes some members of a group. */
export function changeGroup(graph: Graph, id: string, members: Partial<NodeGroup>): Graph {
  const groups = groupsOf(graph).map((group) =>
    group.id === id ? { ...group, ...members } : group,
  );
  return { ...graph, groups };
}

/** The groups that some of these nodes are in. */
export function groupsAround(graph: Graph, ids: ReadonlySet<string>): NodeGroup[] {
  return groupsOf(graph).filter(({ nodes }) => nodes.some((id) => ids.has(id)));
}

/** Where the frame lies; null where none of its nodes is there. */
export function frameAround({ nodes }: NodeGroup, places: ReadonlyMap<string, Place>): Area | null {
  const spots = nodes.flatMap((id) => {
    const place = places.get(id);
    return place === undefined ? [] : [place];
  });
  if (spots.length === 0) return null;
  const [xs, ys] = [spots.map(([x]) => x), spots.map(([, y]) => y)];
  const { top: above, side } = FRAME_PADDING;
  const [left, top] = [Math.min(...xs) - side, Math.min(...ys) - above];
  return {
    x: left,
    y: top,
    width: Math.max(...xs) + BOX_WIDTH + side - left,
    height: Math.max(...ys) + BOX_HEIGHT + side - top,
  };
}
