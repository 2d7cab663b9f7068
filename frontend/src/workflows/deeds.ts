import { useMutation, useQueryClient } from '@tanstack/react-query';
import { get, patch, post, remove } from '../api/client';
import type { Draft, Graph, Workflow } from '../api/types';

/** The graph that people work on, as it is on the server now. */
export async function draftOf({ id }: Workflow): Promise<Graph> {
  return (await get<Draft>(`/workflows/${id}/draft`)).graph;
}

/** One deed to a workflow; what is shown of it is read again. */
function useDeed<T>(deed: (asked: T) => Promise<unknown>) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: deed,
    onSuccess: () =>
      Promise.all(
        ['workflows', 'workflow', 'workflow-tags'].map((name) =>
          queryClient.invalidateQueries({ queryKey: [name] }),
        ),
      ),
  });
}

export function useChange({ id }: Workflow) {
  return useDeed((change: { name?: string; tags?: string[] }) =>
    patch<Workflow>(`/workflows/${id}`, JSON.stringify(change)),
  );
}

/** Moves in its life: activated its triggers start it; deactivating also takes it out of the archive. */
export function useMove({ id }: Workflow) {
  return useDeed((move: 'activate' | 'archive' | 'deactivate') => post(`/workflows/${id}/${move}`));
}

export function useDelete({ id }: Workflow) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: () => remove(`/workflows/${id}`),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['workflows'] }),
  });
}
