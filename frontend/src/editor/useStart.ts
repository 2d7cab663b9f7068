import { useMutation } from '@tanstack/react-query';
import type { Run, Workflow } from '../api/types';
import { useCreate } from '../api/useCreate';
import type { DraftSaver } from './DraftSaver';

/** Which part of the draft is run; all of it where nothing is said. */
interface Part {
  start_node?: string;
  stop_node?: string | undefined;
  data_from?: string;
}

interface Asked {
  part: Part;
  /** JSON; without it the trigger gives what is pinned, or one empty item. */
  input?: string | undefined;
}

/** Starts a run of the draft as it is here. */
export function useStart(workflow: Workflow, saver: DraftSaver, onStarted: (run: Run) => void) {
  const create = useCreate<Run>();
  return useMutation({
    mutationFn: async ({ part, input }: Asked) => {
      const revision = await saver.flush();
      const asked = JSON.stringify({ version: 'draft', ...part });
      const given = input === undefined ? '' : `,"input":${input}`;
      const body = `${asked.slice(0, -1)}${given}}`;
      // A draft that was changed since makes another run.
      return create(`/workflows/${workflow.id}/runs`, body, revision);
    },
    onSuccess: onStarted,
  });
}
