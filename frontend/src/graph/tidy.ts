/** Nodes laid out anew by ELK: what it is asked, and what is made of its answer. */

import type { ElkNode } from 'elkjs/lib/elk-api';
import type { Graph, NodeGroup } from '../api/types';
import { around } from './align';
import { backEdges } from './back';
import { moveTo } from './chosen';
import { GRID, placeOf, type Place } from './edits';
import { FRAME_PADDING, groupsOf } from './groups';
import { notesOf } from './notes';
import type { Ports } from './ports';
import { BOX_HEIGHT, BOX_WIDTH } from './types';

const OPTIONS = {
  'elk.algorithm': 'layered',
  'elk.direction': 'RIGHT',
  // A group stays together, and edges lead into it.
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.spacing.nodeNodeBetweenLayers': '112',
  'elk.spacing.nodeNode': '40',
  'elk.spacing.componentComponent': '80',
};
const { top, side } = FRAME_PADDING;
const IN_GROUP = {
  'elk.padding': `[top=${top},left=${side},bottom=${side},right=${side}]`,
};

/**
 * The nodes, with the edges and groups among them, as ELK reads them: without those that lead back,
 * of which it would turn around others to break the ring.
 */
export function toElk(
  graph: Graph,
  ids: ReadonlySet<string>,
  portsOf: (id: string) => Ports,
): ElkNode {
  const nodes = graph.nodes.filter(({ id }) => ids.has(id));
  const grouped = new Map<string, NodeGroup>(
    groupsOf(graph).flatMap((group) => group.nodes.map((id) => [id, group] as const)),
  );
  const groups = new Map<NodeGroup, ElkNode>();
  const children: ElkNode[] = [];
  for (const { id } of nodes) {
    const box = boxOf(id, portsOf(id));
    const group = grouped.get(id);
    if (group === undefined) {
      children.push(box);
      continue;
    }
    let frame = groups.get(group);
    if (frame === undefined) {
      frame = { id: `group/${group.id}`, layoutOptions: IN_GROUP, children: [] };
      groups.set(group, frame);
      children.push(frame);
    }
    frame.children?.push(box);
  }
  const back = backEdges(graph);
  const edges = graph.edges
    .filter((edge) => ids.has(edge.source) && ids.has(edge.target) && !back.has(edge))
    .map((edge, place) => ({
      id: `edge/${place}`,
      sources: [portId(edge.source, 'out', edge.source_output)],
      targets: [portId(edge.target, 'in', edge.target_input)],
    }));
  return { id: 'graph/', layoutOptions: OPTIONS, children, edges };
}

function boxOf(id: string, { inputs, outputs }: Ports): ElkNode {
  const port = (side: 'in' | 'out', names: string[]) =>
    names.map((name, place) => ({
      id: portId(id, side, name),
      width: 0,
      height: 0,
      x: side === 'in' ? 0 : BOX_WIDTH,
      y: ((place + 1) / (names.length + 1)) * BOX_HEIGHT,
    }));
  return {
    id,
    width: BOX_WIDTH,
    height: BOX_HEIGHT,
    layoutOptions: { 'elk.portConstraints': 'FIXED_POS' },
    ports: [...port('in', inputs), ...port('out', outputs)],
  };
}

function portId(node: string, side: 'in' | 'out', name: string): string {
  return `${side}/${node}/${name}`;
}

/**
 * The graph as it was laid out. The middle of what was moved stays where it was, and a note goes
 * along with the node next to it.
 */
export function laidOut(graph: Graph, answer: ElkNode): Graph {
  const found = placesIn(answer, [0, 0]);
  const moved = graph.nodes.filter(({ id }) => found.has(id));
  if (moved.length === 0) return graph;
  const before = middleOf(moved.map(placeOf));
  const after = middleOf(moved.map(({ id }) => found.get(id) ?? [0, 0]));
  const nodes = new Map(
    moved.map(({ id }): [string, Place] => {
      const [x, y] = found.get(id) ?? [0, 0];
      return [id, [onGrid(x + before[0] - after[0]), onGrid(y + before[1] - after[1])]];
    }),
  );
  return moveTo(graph, { nodes, notes: notesAlong(graph, nodes) });
}

function placesIn(parent: ElkNode, [left, top]: Place): Map<string, Place> {
  return new Map(
    (parent.children ?? []).flatMap((child): [string, Place][] => {
      const at: Place = [left + (child.x ?? 0), top + (child.y ?? 0)];
      return child.children === undefined ? [[child.id, at]] : [...placesIn(child, at)];
    }),
  );
}

function notesAlong(graph: Graph, nodes: ReadonlyMap<string, Place>): Map<string, Place> {
  return new Map(
    notesOf(graph).flatMap(({ id, position: [x, y], size: [width, height] }) => {
      const distance = ([left, top]: Place) =>
        Math.hypot(x + width / 2 - left - BOX_WIDTH / 2, y + height / 2 - top - BOX_HEIGHT / 2);
      // Some node was moved, so that there is one.
      const next = graph.nodes.reduce((nearest, node) =>
        distance(placeOf(node)) < distance(placeOf(nearest)) ? node : nearest,
      );
      const to = nodes.get(next.id);
      if (to === undefined) return [];
      const [fromX, fromY] = placeOf(next);
      return [[id, [x + to[0] - fromX, y + to[1] - fromY]] as [string, Place]];
    }),
  );
}

function middleOf(places: Place[]): Place {
  const { x, y, width, height } = around(
    places.map(([left, top]) => ({ x: left, y: top, width: BOX_WIDTH, height: BOX_HEIGHT })),
  );
  return [x + width / 2, y + height / 2];
}

function onGrid(at: number): number {
  return Math.round(at / GRID) * GRID;
}
