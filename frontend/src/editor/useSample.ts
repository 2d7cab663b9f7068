import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { get } from '../api/client';
import type { Graph, GraphNode, Json, Page, Step } from '../api/types';
import { isFinished, type RunState } from '../runs/events';
import { objectOf, listIn } from '../params/shape';
import type { Sample } from '../params/sample';

const MOST_STEPS = 200;

/**
 * What the node took in a run that has ended, or would take of what others gave in it; and what it
 * gave there.
 */
export function useSample(
  graph: Graph,
  node: GraphNode | undefined,
  run: { id: string; state: RunState } | null,
): { sample: Sample | null; given: Json } {
  const { data } = useQuery({
    queryKey: ['run-payloads', run?.id],
    queryFn: ({ signal }) =>
      get<Page<Step>>(`/runs/${run?.id}/steps`, { include: 'payloads', limit: MOST_STEPS }, signal),
    enabled: run !== null && node !== undefined && isFinished(run.state.status),
    staleTime: Infinity,
    gcTime: 30_000,
  });
  const steps = data?.results;
  const sample = useMemo(
    () => (steps === undefined || node === undefined ? null : sampleOf(graph, node, steps)),
    [graph, node, steps],
  );
  const own = steps?.findLast((step) => step.node === node?.id);
  return { sample, given: own?.output_json ?? null };
}

/** The sample for a node out of the steps of a run, in their order. */
export function sampleOf(graph: Graph, node: GraphNode, steps: Step[]): Sample {
  const latest = new Map(steps.map((step) => [step.node, step]));
  const nodes = Object.fromEntries(
    graph.nodes.flatMap(({ id, name }) => {
      const step = latest.get(id);
      return step === undefined ? [] : [[name, firstOf(step.output_json)]];
    }),
  );
  const edge = graph.edges.find(({ target }) => target === node.id);
  const source = graph.nodes.find(({ id }) => id === edge?.source);
  const own = latest.get(node.id);
  const before = edge === undefined ? undefined : latest.get(edge.source);
  const items =
    own !== undefined
      ? firstOf(own.input_json)
      : listIn(objectOf(before?.output_json)[edge?.source_output ?? '']);
  return { items, nodes, previous: source?.name ?? null };
}

/** The items of the first input or output that has some. */
function firstOf(payload: Json): Json[] {
  const ends = Object.values(objectOf(payload)).map(listIn);
  return ends.find((items) => items.length > 0) ?? [];
}
