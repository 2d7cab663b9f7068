/** What is shown of nodes beside themselves: ends, faults, and how they stand in a run. */

import { useCallback, useMemo } from 'react';
import type { ShownChange } from '../canvas/FlowNode';
import { standingOf } from '../canvas/standing';
import { portsOf, type Ports } from '../graph/ports';
import type { RunState } from '../runs/events';
import { useNodeTypes } from '../workflows/queries';
import { useEditorState } from './context';
import type { Marks } from './flow';
import { withoutName, type Problem } from './problems';

/** What the server said of the graph that it saw last. */
export interface Judged {
  problems: Problem[];
  ports: Record<string, Ports>;
}

export function useMarks(
  judged: Judged,
  run: RunState,
  changes: ReadonlyMap<string, ShownChange | null>,
): (id: string) => Marks {
  const { graph } = useEditorState();
  const { typeOf, captionOf } = useNodeTypes();
  const ports = useMemo(
    () => portsOf(graph.nodes, graph.edges, (node) => judged.ports[node.id] ?? typeOf(node.type)),
    [graph.nodes, graph.edges, judged.ports, typeOf],
  );
  const captions = useMemo(
    () => new Map(graph.nodes.map((node) => [node.id, captionOf(node)])),
    [graph.nodes, captionOf],
  );
  const faults = useMemo(() => {
    const counts = new Map<string, number>();
    for (const { node, isError } of judged.problems) {
      if (node !== null && isError) counts.set(node, (counts.get(node) ?? 0) + 1);
    }
    return counts;
  }, [judged.problems]);
  const hints = useMemo(() => {
    const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
    const told = new Map<string, string[]>();
    for (const { node: id, isError, message } of judged.problems) {
      const node = nodes.get(id ?? '');
      if (node === undefined || isError) continue;
      told.set(node.id, [...(told.get(node.id) ?? []), withoutName(message, node)]);
    }
    return told;
  }, [graph.nodes, judged.problems]);
  return useCallback(
    (id) => {
      const step = run.latest.get(id);
      return {
        ports: ports.get(id) ?? { inputs: [], outputs: [] },
        label: captions.get(id) ?? '',
        faults: faults.get(id) ?? 0,
        hints: hints.get(id) ?? [],
        status: step?.status ?? null,
        standing: step === undefined ? '' : standingOf(step),
        change: changes.get(id) ?? null,
        isSelected: false,
      };
    },
    [ports, captions, faults, hints, run.latest, changes],
  );
}

/** What may be meant otherwise, each told once. */
export function hintsOf({ problems }: Judged): string[] {
  const hints = problems.filter(({ isError }) => !isError);
  return [...new Set(hints.map(({ message }) => message))];
}

export function toldOf(judged: Judged, node: string): Problem[] {
  return judged.problems.filter((problem) => problem.node === node);
}
