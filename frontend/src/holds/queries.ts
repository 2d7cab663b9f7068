import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { get, put, remove } from '../api/client';
import type { Hold } from '../api/types';

/** What can be paused: none of its runs begins or goes on until it is resumed. */
export interface Held {
  kind: 'workflow' | 'workspace';
  id: string;
}

/** No event tells of pauses. */
const REFETCH_MS = 10_000;

const pathOf = ({ kind, id }: Held) => `/${kind}s/${id}/hold`;

export function useHold({ kind, id }: Held) {
  return useQuery({
    queryKey: ['hold', kind, id],
    queryFn: ({ signal }) => get<Hold>(pathOf({ kind, id }), {}, signal),
    refetchInterval: REFETCH_MS,
  });
}

export function usePause(what: Held) {
  const onSuccess = useFreshHold(what);
  return useMutation({
    mutationFn: (reason: string) => put<Hold>(pathOf(what), JSON.stringify({ reason })),
    onSuccess,
  });
}

export function useResume(what: Held) {
  const onSuccess = useFreshHold(what);
  return useMutation({ mutationFn: () => remove(pathOf(what)), onSuccess });
}

/** What runs wait for is told with them. */
function useFreshHold({ kind, id }: Held) {
  const queryClient = useQueryClient();
  return () =>
    Promise.all([
      queryClient.invalidateQueries({ queryKey: ['hold', kind, id] }),
      queryClient.invalidateQueries({ queryKey: ['run'] }),
    ]);
}
