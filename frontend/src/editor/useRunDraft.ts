import { useSessionStorage } from '@mantine/hooks';
import { useState } from 'react';
import type { Graph, Run } from '../api/types';
import { useSession } from '../session/session';
import { useFailureNotice } from '../ui/useFailureNotice';
import { useNodeTypes } from '../workflows/queries';
import { needsNoInput, startOf } from '../workflows/startOf';
import { useEditing } from './context';
import { useStart } from './useStart';

/** The run whose input is asked for. */
export interface AskedRun {
  stop: string | undefined;
  /** What its trigger was given before, as JSON. */
  last: string | undefined;
}

/**
 * Runs the draft from its trigger, up to a node where one is named. What the trigger is to give is asked
 * for where nothing says it: neither a pin, nor what it was given before, which is kept for this window.
 */
export function useRunDraft(graph: Graph, onStarted: (run: Run) => void) {
  const { workflow, saver } = useEditing();
  const { me } = useSession();
  const { areKnown, kindOf } = useNodeTypes();
  const [asked, ask] = useState<AskedRun | null>(null);
  const [inputs, setInputs] = useSessionStorage<Record<string, string>>({
    key: `ff-inputs:${me.id}:${workflow.id}`,
    defaultValue: {},
    getInitialValueInEffect: false,
  });
  const started = (run: Run) => {
    ask(null);
    onStarted(run);
  };
  const start = useStart(workflow, saver, started);
  useFailureNotice(asked === null ? start.error : null, 'The draft was not started');
  const triggerOf = (stop: string | undefined) =>
    areKnown ? startOf(graph, kindOf, stop) : undefined;
  const askFor = (stop?: string) => {
    start.reset();
    ask({ stop, last: inputs[triggerOf(stop)?.id ?? ''] });
  };
  const partOf = (stop: string | undefined) => (stop === undefined ? {} : { stop_node: stop });

  return {
    isStarting: start.isPending,
    /** Run a part of it on what a run gave. */
    runPart: (part: { start_node: string; stop_node?: string; data_from: string }) =>
      start.mutate({ part }),
    run: (stop?: string) => {
      const trigger = triggerOf(stop);
      const input = trigger && inputs[trigger.id];
      if (trigger === undefined || needsNoInput(trigger)) start.mutate({ part: partOf(stop) });
      else if (input === undefined) askFor(stop);
      else start.mutate({ part: partOf(stop), input });
    },
    askFor,
    asked,
    forget: () => {
      start.reset();
      ask(null);
    },
    starting: {
      ...start,
      mutate: (input: string) => {
        const trigger = triggerOf(asked?.stop);
        if (trigger !== undefined) setInputs({ ...inputs, [trigger.id]: input });
        start.mutate({ part: partOf(asked?.stop), input });
      },
    },
  };
}
