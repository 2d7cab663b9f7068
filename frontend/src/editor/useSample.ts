import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { get } from '../api/client';
import type { Graph, GraphNode, Json, Page, Step } from '../api/types';
import { nodesBefore } from '../graph/before';
import { NO_SAMPLE, type Sample } from '../params/sample';
import { listIn, objectOf } from '../params/shape';
import { isFinished, type RunState } from '../runs/events';

/** Of so many nodes, the nearest, the data are asked for. */
const MOST_NODES = 100;
const NO_STEPS: Step[] = [];

/**
 * What the node took in a run that has ended, or would take of what others gave in it or are pinned
 * to; and what it gave there.
 */
export function useSample(
  graph: Graph,
  node: GraphNode | undefined,
  run: { id: string; state: RunState } | null,
): { sample: Sample; given: Json } {
  const needed = useMemo(() => (node === undefined ? '' : neededBy(graph, node.id)), [graph, node]);
  const { data } = useQuery({
    queryKey: ['run-payloads', run?.id, needed],
    queryFn: ({ signal }) =>
      get<Page<Step>>(
        `/runs/${run?.id}/steps`,
        { include: 'payloads', limit: MOST_NODES, newest_of: needed },
        signal,
      ),
    enabled: run !== null && node !== undefined && isFinished(run.state.status),
    staleTime: Infinity,
    gcTime: 30_000,
  });
  const steps = data?.results ?? NO_STEPS;
  const sample = useMemo(
    () => (node === undefined ? NO_SAMPLE : sampleOf(graph, node, steps)),
    [graph, node, steps],
  );
  const own = steps.findLast((step) => step.node === node?.id);
  return { sample, given: own?.output_json ?? null };
}

/** The node and those before it, whose newest steps tell all that its expressions reach. */
function neededBy(graph: Graph, node: string): string {
  const before = nodesBefore(graph, node).map(({ id }) => id);
  return [node, ...before].slice(0, MOST_NODES).join(',');
}

/** The sample for a node out of the steps of a run, in their order. */
export function sampleOf(graph: Graph, node: GraphNode, steps: Step[]): Sample {
  const latest = new Map(steps.map((step) => [step.node, step]));
  const outputOf = ({ id, pinned }: GraphNode): Json => latest.get(id)?.output_json ?? pinned;
  const nodes = Object.fromEntries(
    graph.nodes.flatMap((each) => {
      const output = outputOf(each) ?? null;
      return output === null ? [] : [[each.name, firstOf(output)]];
    }),
  );
  const edge = graph.edges.find(({ target }) => target === node.id);
  const source = graph.nodes.find(({ id }) => id === edge?.source);
  const own = latest.get(node.id);
  const items =
    own !== undefined
      ? firstOf(own.input_json)
      : listIn(objectOf(source && outputOf(source))[edge?.source_output ?? '']);
  const before = nodesBefore(graph, node.id).map(({ name }) => name);
  return { items, nodes, previous: source?.name ?? null, before };
}

/** The items of the first input or output that has some. */
function firstOf(payload: Json): Json[] {
  const ends = Object.values(objectOf(payload)).map(listIn);
  return ends.find((items) => items.length > 0) ?? [];
}
