import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { stringifyExact } from '../api/exactJson';
import type { Graph, Workflow } from '../api/types';
import { useCreate } from '../api/useCreate';
import { useSession } from '../session/session';

export const LONGEST_NAME = 200;

interface Asked {
  name: string;
  /** What its draft is to be; without one it is empty. */
  graph?: Graph;
}

/** Makes a workflow, with a graph in its draft where one is given, and opens its canvas. */
export function useMakeWorkflow() {
  const { workspace } = useSession();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const create = useCreate<Workflow>();
  return useMutation({
    mutationFn: ({ name, graph }: Asked) =>
      create('/workflows', stringifyExact({ name, workspace: workspace.id, graph })),
    onSuccess: async ({ id }) => {
      await navigate(`/workflows/${id}/edit`);
      await queryClient.invalidateQueries({ queryKey: ['workflows'] });
    },
  });
}
