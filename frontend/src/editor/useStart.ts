import { useMutation } from '@tanstack/react-query';
import type { Run, Workflow } from '../api/types';
import { useCreate } from '../api/useCreate';

/** Which part of the draft is run; all of it where nothing is said. */
interface Part {
  start_node?: string;
  stop_node?: string;
  data_from?: string;
}

/** Starts a run of the draft as it is here. */
export function useStart(
  workflow: Workflow,
  onStarted: (run: Run) => void,
  flush: () => Promise<void>,
) {
  const create = useCreate<Run>();
  return useMutation({
    mutationFn: async (part: Part) => {
      await flush();
      const asked = JSON.stringify({ version: 'draft', ...part });
      return create(`/workflows/${workflow.id}/runs`, asked);
    },
    onSuccess: onStarted,
  });
}
