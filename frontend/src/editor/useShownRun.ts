/** The run that is shown on the canvas: the one that the address names. */

import { useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useSearchParams } from 'react-router';
import type { ShownChange } from '../canvas/FlowNode';
import { isChanged } from '../graph/diff';
import type { Graph, GraphNode, Run, Workflow } from '../api/types';
import { UNSEEN, type RunState } from '../runs/events';
import { useRun } from '../runs/queries';
import { useFailureNotice } from '../ui/useFailureNotice';
import { useGraph } from '../workflows/queries';

export interface ShownRun {
  id: string;
  state: RunState;
  /** Null until it is read. */
  row: Run | null;
  /** What it ran on; undefined until that is read. */
  graph: Graph | undefined;
}

export function useShownRun(workflow: Workflow) {
  const queryClient = useQueryClient();
  const [params, setParams] = useSearchParams();
  const [seen, setSeen] = useState<{ id: string; state: RunState } | null>(null);
  const asked = params.get('run');
  const { data: row = null, error } = useRun(asked);
  const isOther = row !== null && row.workflow !== workflow.id;
  // One that was read is shown on, though it could not be read once more.
  const failure = row === null ? error : null;
  const id = failure !== null || isOther ? null : asked;
  const graph = useGraph(workflow.id, isOther ? undefined : row?.version).data;
  useFailureNotice(useOther(isOther) ?? failure, 'The run is not shown');

  const show = (run: string | null) =>
    setParams(
      (before) => {
        const after = new URLSearchParams(before);
        if (run === null) after.delete('run');
        else after.set('run', run);
        return after;
      },
      { replace: true },
    );
  const state = seen?.id === id ? seen.state : UNSEEN;
  const run: ShownRun | null = id === null ? null : { id, state, row, graph };
  return {
    run,
    show,
    /** Show a run that was just made. */
    showMade: (made: Run) => {
      queryClient.setQueryData(['run', made.id], made);
      show(made.id);
    },
    take: (of: string, next: RunState) => setSeen({ id: of, state: next }),
  };
}

function useOther(isOther: boolean): Error | null {
  return useMemo(() => (isOther ? new Error('It is a run of another workflow.') : null), [isOther]);
}

/** How the draft's nodes differ from those that the run had. */
export function useChangesSince(run: ShownRun | null, graph: Graph) {
  const was = run?.graph;
  const compare = useMemo(() => remembered(was), [was]);
  return useMemo(
    () => new Map(graph.nodes.map((node) => [node.id, compare(node)])),
    [graph.nodes, compare],
  );
}

/** Each node is compared once, however often the graph is edited elsewhere. */
function remembered(was: Graph | undefined): (node: GraphNode) => ShownChange | null {
  const known = new WeakMap<GraphNode, ShownChange | null>();
  const old = new Map(was?.nodes.map((node) => [node.id, node]));
  return (node) => {
    if (was === undefined) return null;
    const before = known.get(node);
    if (before !== undefined) return before;
    const change = changeOf(old.get(node.id), node);
    known.set(node, change);
    return change;
  };
}

function changeOf(was: GraphNode | undefined, node: GraphNode): ShownChange | null {
  if (was === undefined) return { kind: 'changed', told: 'not in this run' };
  return isChanged(was, node) ? { kind: 'changed', told: 'changed since this run' } : null;
}
