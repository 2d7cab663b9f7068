import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { get, put, remove } from '../api/client';
import type { Hold } from '../api/types';

/** What can be paused: none of its runs begins or goes on until it is resumed. */
export type Held = { kind: 'workflow' | 'workspace'; id: string } | { kind: 'everything' };

/** In case that its event was lost. */
const REFETCH_MS = 60_000;
export const HOLD = ['hold'] as const;

const keyOf = (what: Held) => [...HOLD, what.kind, what.kind === 'everything' ? '' : what.id];

function pathOf(what: Held): string {
  return what.kind === 'everything' ? '/hold' : `/${what.kind}s/${what.id}/hold`;
}

export function useHold(what: Held) {
  return useQuery({
    queryKey: keyOf(what),
    queryFn: ({ signal }) => get<Hold>(pathOf(what), {}, signal),
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
function useFreshHold(what: Held) {
  const queryClient = useQueryClient();
  return () =>
    Promise.all([
      queryClient.invalidateQueries({ queryKey: keyOf(what) }),
      queryClient.invalidateQueries({ queryKey: ['run'] }),
    ]);
}
