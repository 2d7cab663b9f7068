import type { Graph, GraphNode } from '../api/types';
import { asksForMore } from '../forms/fields';
import type { Schema } from '../forms/schema';

/** Where a run by hand begins, as the server has it: at the first Manual node, else another trigger. */
export function startOf(
  graph: Graph,
  kindOf: (type: string) => string | undefined,
): GraphNode | undefined {
  return (
    manualOf(graph) ??
    // Until the types are known, any node may be a trigger.
    graph.nodes.find(({ type, disabled }) => !disabled && (kindOf(type) ?? 'trigger') === 'trigger')
  );
}

/** What a run by hand must be given; {} is anything. */
export function inputSchemaOf({ type, params }: GraphNode): Schema {
  return type === 'manual' ? (params['input_schema'] ?? {}) : {};
}

/** Whether a run by hand is started without being asked what it is given. */
export function startsAtOnce(graph: Graph): boolean {
  const manual = manualOf(graph);
  if (manual === undefined) return false;
  const isPinned = (manual.pinned ?? null) !== null;
  return isPinned || !asksForMore(inputSchemaOf(manual));
}

function manualOf({ nodes }: Graph): GraphNode | undefined {
  return nodes.find(({ type, disabled }) => type === 'manual' && !disabled);
}
