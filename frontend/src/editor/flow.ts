/** The edited graph as React Flow draws it. What did not change stays the same object. */

import type { Edge } from '@xyflow/react';
import type { GraphEdge, GraphNode } from '../api/types';
import { carried, edgeName } from '../canvas/carried';
import type { FlowNodeType, ShownChange } from '../canvas/FlowNode';
import { boxNode } from '../canvas/nodes';
import { edgeId, type Place } from '../graph/edits';
import { detourOf } from '../graph/layout';
import type { Ports } from '../graph/ports';
import type { Box } from '../graph/types';
import type { ShownStatus } from '../runs/events';

/** What is shown of a node beside itself. */
export interface Marks {
  ports: Ports;
  label: string;
  faults: number;
  /** What may be meant otherwise, in sentences. */
  hints: string[];
  status: ShownStatus | null;
  standing: string;
  /** Since the run that is shown. */
  change: ShownChange | null;
  isSelected: boolean;
}

const drawn = new WeakMap<GraphNode, { marks: string; node: FlowNodeType }>();

/** A node as it is drawn: the same object as before where nothing about it is new. */
export function flowNode(node: GraphNode, shown: Marks): FlowNodeType {
  const marks = JSON.stringify(shown);
  const before = drawn.get(node);
  if (before?.marks === marks) return before.node;
  const [x, y] = node.position ?? [0, 0];
  const standing = shown.standing === '' ? [] : [shown.standing];
  const changed = shown.change === null ? [] : [shown.change.told];
  const off = node.disabled === true ? ['disabled'] : [];
  const faults = shown.faults === 0 ? [] : ['has faults'];
  const box: Box = {
    id: node.id,
    name: node.name,
    type: node.type,
    disabled: node.disabled ?? false,
    ...shown.ports,
    x,
    y,
  };
  const made: FlowNodeType = {
    ...boxNode(box, true),
    selected: shown.isSelected,
    ariaLabel: [node.name, ...off, ...standing, ...changed, ...faults].join(', '),
    data: {
      box,
      label: shown.label,
      status: shown.status,
      standing: shown.standing,
      copied: false,
      isPinned: node.pinned != null,
      faults: shown.faults,
      hints: shown.hints,
      change: shown.change,
    },
  };
  drawn.set(node, { marks, node: made });
  return made;
}

/** The edges as they are drawn; `items` says how many went along one. */
export function flowEdges(
  nodes: GraphNode[],
  edges: GraphEdge[],
  selected: ReadonlySet<string>,
  items: (edge: GraphEdge) => number,
): Edge[] {
  const places = new Map<string, Place>(nodes.map(({ id, position }) => [id, position ?? [0, 0]]));
  const spots = [...places.values()];
  const names = new Map(nodes.map(({ id, name }) => [id, name]));
  return edges.flatMap((edge) => {
    const [from, to] = [places.get(edge.source), places.get(edge.target)];
    if (from === undefined || to === undefined) return [];
    const detour = detourOf(from, to, spots);
    const id = edgeId(edge);
    return {
      id,
      type: detour === null ? 'default' : 'back',
      data: { detour },
      source: edge.source,
      sourceHandle: edge.source_output,
      target: edge.target,
      targetHandle: edge.target_input,
      selected: selected.has(id),
      label: carried(edge.source_output, items(edge)),
      ariaLabel: edgeName(
        names.get(edge.source) ?? '',
        edge.source_output,
        names.get(edge.target) ?? '',
        items(edge),
      ),
    };
  });
}
