import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { get, post } from '../api/client';
import type { BulkEstimate, BulkJob, BulkJobDetail, Page } from '../api/types';
import { useCreate } from '../api/useCreate';

const PROGRESS_MS = 1_000;
const OTHERS_MS = 10_000;

/** What is to be done to all runs that the filter finds, as the API is asked for it. */
export interface Asked {
  deed: BulkJob['deed'];
  from?: 'failed' | 'start';
  version?: 'same' | 'published';
  /** As the list of runs is filtered, without what is not set. */
  filter: { status?: string[]; trigger?: string[] } & Partial<
    Record<'workflow' | 'version' | 'created_after' | 'created_before', string>
  >;
}

const pathOf = (workspace: string) => `/workspaces/${workspace}/bulk-jobs`;

/** To how many runs it would be done just now, and what that would repeat. */
export function useEstimate(workspace: string, asked: Asked) {
  return useQuery({
    queryKey: ['bulk-estimate', workspace, asked],
    queryFn: () =>
      post<BulkEstimate>(pathOf(workspace), JSON.stringify({ ...asked, dry_run: true })),
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
}

export function useBegin(workspace: string) {
  const create = useCreate<BulkJobDetail>();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (asked: Asked) => create(pathOf(workspace), JSON.stringify(asked)),
    onSuccess: (job) => queryClient.setQueryData(['bulk-job', job.id], job),
  });
}

/** A job and how far it has come, as it comes further. */
export function useJob(id: string) {
  return useQuery({
    queryKey: ['bulk-job', id],
    queryFn: ({ signal }) => get<BulkJobDetail>(`/bulk-jobs/${id}`, {}, signal),
    refetchInterval: ({ state: { data } }) => (data?.status === 'running' ? PROGRESS_MS : false),
  });
}

/** The jobs that are under way, whoever began them. */
export function useRunningJobs(workspace: string): BulkJob[] {
  const { data } = useQuery({
    queryKey: ['bulk-jobs', workspace],
    queryFn: ({ signal }) => get<Page<BulkJob>>(pathOf(workspace), {}, signal),
    refetchInterval: OTHERS_MS,
  });
  return data?.results.filter(({ status }) => status === 'running') ?? [];
}

export function useStop(id: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: () => post<BulkJobDetail>(`/bulk-jobs/${id}/stop`),
    onSuccess: (job) => queryClient.setQueryData(['bulk-job', id], job),
    // It may have ended by itself.
    onError: () => queryClient.invalidateQueries({ queryKey: ['bulk-job', id] }),
  });
}
