import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { put } from '../api/client';
import { stringifyExact } from '../api/exactJson';
import type { Graph, Workflow } from '../api/types';
import { useCreate } from '../api/useCreate';
import { useSession } from '../session/session';

interface Asked {
  name: string;
  /** What its draft is to be; without one it is empty. */
  graph?: Graph;
}

/** Makes a workflow, puts a graph into its draft, and opens its canvas. */
export function useMakeWorkflow() {
  const { workspace } = useSession();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const create = useCreate<Workflow>();
  return useMutation({
    mutationFn: async ({ name, graph }: Asked) => {
      const made = await create('/workflows', JSON.stringify({ name, workspace: workspace.id }));
      if (graph !== undefined) {
        const body = `{"graph":${stringifyExact(graph)},"revision":0}`;
        await put(`/workflows/${made.id}/draft`, body);
      }
      return made;
    },
    onSuccess: async ({ id }) => {
      await navigate(`/workflows/${id}/edit`);
      await queryClient.invalidateQueries({ queryKey: ['workflows'] });
    },
  });
}
