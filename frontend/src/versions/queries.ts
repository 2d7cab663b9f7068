import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { get, post } from '../api/client';
import type { Page, Version, VersionListed, Workflow } from '../api/types';
import { useCreate } from '../api/useCreate';

const LISTED = 50;

/** A page of a workflow's versions, newest first. */
export function useVersions(workflow: string, cursor: string | null) {
  return useQuery({
    queryKey: ['versions', workflow, cursor],
    queryFn: ({ signal }) =>
      get<Page<VersionListed>>(
        `/workflows/${workflow}/versions`,
        { cursor, limit: LISTED },
        signal,
      ),
    placeholderData: keepPreviousData,
  });
}

/** Makes a version the published one. */
export function usePublish(workflow: string) {
  const refresh = useRefresh(workflow);
  return useMutation({
    mutationFn: (version: number) =>
      post(`/workflows/${workflow}/publish`, JSON.stringify({ version })),
    onSuccess: refresh,
  });
}

/**
 * Keeps the draft as a version, and publishes it where that is asked for. `flush` saves first what
 * is not saved yet. Gives the version, which may be an older one of the same content.
 */
export function useKeep(workflow: Workflow, flush: () => Promise<unknown>) {
  const create = useCreate<Version>();
  const refresh = useRefresh(workflow.id);
  return useMutation({
    mutationFn: async ({ note, isPublished }: { note: string; isPublished: boolean }) => {
      await flush();
      const path = `/workflows/${workflow.id}`;
      const kept = await create(`${path}/versions`, JSON.stringify({ note }));
      const { version } = kept;
      if (isPublished) await post(`${path}/publish`, JSON.stringify({ version }));
      return kept;
    },
    // The version may be kept, and only not published.
    onSettled: refresh,
  });
}

function useRefresh(workflow: string) {
  const queryClient = useQueryClient();
  return () =>
    Promise.all([
      queryClient.invalidateQueries({ queryKey: ['workflow', workflow] }),
      queryClient.invalidateQueries({ queryKey: ['versions', workflow] }),
    ]);
}
