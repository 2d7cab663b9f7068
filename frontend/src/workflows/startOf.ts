import type { Graph, GraphNode } from '../api/types';
import { nodesBefore } from '../graph/before';
import { asksForMore } from '../forms/fields';
import type { Schema } from '../forms/schema';

/**
 * Where a run by hand begins, as the server has it: at the first Manual node, else another trigger; of
 * those that lead to a node, where the run stops at one.
 */
export function startOf(
  graph: Graph,
  kindOf: (type: string) => string | undefined,
  stop?: string,
): GraphNode | undefined {
  const leading = stop === undefined ? null : new Set(nodesBefore(graph, stop).map(({ id }) => id));
  const nodes = graph.nodes.filter(({ id }) => leading === null || id === stop || leading.has(id));
  return (
    manualOf({ nodes }) ??
    // Until the types are known, any node may be a trigger.
    nodes.find(({ type, disabled }) => !disabled && (kindOf(type) ?? 'trigger') === 'trigger')
  );
}

/** What a run by hand must be given; {} is anything. */
export function inputSchemaOf({ type, params }: GraphNode): Schema {
  return type === 'manual' ? (params['input_schema'] ?? {}) : {};
}

/** Whether a run by hand is started without being asked what it is given. */
export function startsAtOnce(graph: Graph): boolean {
  const manual = manualOf(graph);
  return manual !== undefined && needsNoInput(manual);
}

/** Whether a run of the draft that begins at this trigger has something to begin with. */
export function needsNoInput(start: GraphNode): boolean {
  const isPinned = (start.pinned ?? null) !== null;
  return isPinned || (start.type === 'manual' && !asksForMore(inputSchemaOf(start)));
}

function manualOf({ nodes }: Pick<Graph, 'nodes'>): GraphNode | undefined {
  return nodes.find(({ type, disabled }) => type === 'manual' && !disabled);
}
