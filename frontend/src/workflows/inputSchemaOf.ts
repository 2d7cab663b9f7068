import type { Graph, GraphNode } from '../api/types';
import { asksForMore, type Schema } from '../forms/fields';

/** What a run by hand must be given; {} is anything. */
export function inputSchemaOf(graph: Graph): Schema {
  return startOf(graph)?.params['input_schema'] ?? {};
}

/** Whether a run by hand cannot start without being given something. */
export function mustBeGivenInput(graph: Graph): boolean {
  const isPinned = (startOf(graph)?.pinned ?? null) !== null;
  return !isPinned && asksForMore(inputSchemaOf(graph));
}

/** The server begins there too: at the first manual trigger. */
function startOf(graph: Graph): GraphNode | undefined {
  return graph.nodes.find(({ type, disabled }) => type === 'manual' && disabled !== true);
}
