import { useQuery } from '@tanstack/react-query';
import { stringifyExact } from '../api/exactJson';
import { get, put } from '../api/client';
import type { Draft, DraftSaved } from '../api/types';
import type { DraftStore } from './DraftSaver';

/** The draft as it is when the editor is opened; from then on the editor holds it. */
export function useDraft(workflow: string) {
  return useQuery({
    queryKey: ['draft', workflow],
    queryFn: ({ signal }) => get<Draft>(`/workflows/${workflow}/draft`, {}, signal),
    gcTime: 0,
    staleTime: Infinity,
  });
}

export function draftStore(workflow: string): DraftStore {
  const path = `/workflows/${workflow}/draft`;
  return {
    get: () => get<Draft>(path),
    put: (graph, revision) => put<DraftSaved>(path, stringifyExact({ graph, revision })),
  };
}
