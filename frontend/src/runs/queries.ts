import { useThrottledValue } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { get, post } from '../api/client';
import { keepWithin } from '../api/keepWithin';
import type { Decision, Json, Page, Run, Step } from '../api/types';
import { useCreate } from '../api/useCreate';
import { useRunStatusChanges } from '../live/live';
import { useFreshWithRuns } from '../live/useFreshWithRuns';
import { isFinished, type StepState } from './events';

const REFETCH_MS = 2_000;
const CHILDREN_LISTED = 20;
/** How many steps of each run are compared. */
export const STEPS_COMPARED = 200;

export interface RunFilter {
  workspace: string;
  workflow?: string | null;
  status?: string[];
  trigger?: string[];
  version?: string | null;
  created_after?: string | null;
  created_before?: string | null;
  search?: string | null;
  cursor?: string | null;
  limit: number;
}

/** Of a search, how far it has looked; null: it saw all. */
interface RunPage extends Page<Run> {
  searched?: { runs: number; since: string } | null;
}

/** One page of runs, newest first. The statuses on it change as they change on the server. */
export function useRuns(filter: RunFilter) {
  const queryClient = useQueryClient();
  const queryKey = ['runs', filter];
  const runs = useQuery({
    queryKey,
    queryFn: ({ signal }) => get<RunPage>('/runs', { ...filter }, signal),
    placeholderData: keepWithin(filter.workspace),
  });
  useRunStatusChanges((changes) => {
    const latest = new Map(changes.map((change) => [change.run, change]));
    queryClient.setQueryData<RunPage>(queryKey, (page) => page && withChanges(page, latest));
  });
  // What is new, started or left the filter comes with the next look at the list itself.
  useFreshWithRuns(queryKey, filter.workflow ?? null);
  return runs;
}

/** The first runs that steps of this one started, the newest first. */
export function useChildRuns(parent: Run) {
  const queryKey = ['child-runs', parent.id];
  useFreshWithRuns(queryKey, null);
  return useQuery({
    queryKey,
    queryFn: ({ signal }) =>
      get<Page<Run>>(
        '/runs',
        { workspace: parent.workspace, parent_run: parent.id, limit: CHILDREN_LISTED },
        signal,
      ),
  });
}

function withChanges(
  page: RunPage,
  latest: ReadonlyMap<string, { status: Run['status']; at: string }>,
): RunPage {
  const results = page.results.map((run) => {
    const change = latest.get(run.id);
    if (change === undefined) return run;
    const finished_at = isFinished(change.status) ? change.at : run.finished_at;
    return { ...run, status: change.status, finished_at };
  });
  return { ...page, results };
}

/** One run; null asks for none. */
export function useRun(id: string | null) {
  return useQuery({
    queryKey: ['run', id],
    queryFn: ({ signal }) => get<Run>(`/runs/${id}`, {}, signal),
    enabled: id !== null,
    // No event tells how far a cancel has come, nor at which place a run waits.
    refetchInterval: ({ state: { data } }) =>
      data !== undefined &&
      (data.status === 'pending' || (data.cancel !== null && !isFinished(data.status)))
        ? REFETCH_MS
        : false,
  });
}

/** What the run's trigger gave; null where that is more than a list of steps tells. */
export function useInput(run: string) {
  return useQuery({
    queryKey: ['run-input', run],
    queryFn: async ({ signal }) => {
      const steps = await get<Page<Step>>(
        `/runs/${run}/steps`,
        { include: 'payloads', limit: 1 },
        signal,
      );
      const outputs: Json[] = Object.values(steps.results[0]?.output_json ?? {});
      return outputs[0] ?? null;
    },
    staleTime: Infinity,
  });
}

/** The nodes that ran in a run that has ended; null where it has more steps than a list tells. */
export function useRan(run: string) {
  return useQuery({
    queryKey: ['ran', run],
    queryFn: async ({ signal }) => {
      const steps = await get<Page<Step>>(`/runs/${run}/steps`, { limit: STEPS_COMPARED }, signal);
      if (steps.next !== null) return null;
      const ran = steps.results.filter(({ status }) => status !== 'skipped');
      return new Set(ran.map(({ node }) => node));
    },
    staleTime: Infinity,
  });
}

/** The first steps of a run with what they took and gave, as far as a list carries it. */
export function useFirstSteps(run: string) {
  return useQuery({
    queryKey: ['first-steps', run],
    queryFn: ({ signal }) =>
      get<Page<Step>>(`/runs/${run}/steps`, { include: 'payloads', limit: STEPS_COMPARED }, signal),
    gcTime: 30_000,
  });
}

/** The newest run of the workflow that succeeded, other than this one; null where there is none. */
export function useLastGood(run: Run | undefined) {
  return useQuery({
    queryKey: ['last-good', run?.workflow, run?.id],
    queryFn: async ({ signal }) => {
      const filter = { workspace: run?.workspace, workflow: run?.workflow, status: 'completed' };
      const page = await get<Page<Run>>('/runs', { ...filter, limit: 2 }, signal);
      return page.results.find(({ id }) => id !== run?.id) ?? null;
    },
    enabled: run !== undefined,
  });
}

/** A step with all that it took and gave, read again when it changes; as it logs, now and then. */
export function useStep(run: string, { id, status, seq }: StepState) {
  const seenRunning = useThrottledValue(seq, REFETCH_MS);
  const moment = status === 'running' ? seenRunning : seq;
  return useQuery({
    queryKey: ['step', run, id, moment],
    queryFn: ({ signal }) => get<Step>(`/runs/${run}/steps/${id}`, {}, signal),
    placeholderData: (previous) => (previous?.id === id ? previous : undefined),
    staleTime: Infinity,
    // Each may be large, and a step that logs much has many moments.
    gcTime: 30_000,
  });
}

export function useCancel(run: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: () => post(`/runs/${run}/cancel`),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['run', run] }),
  });
}

interface Retry {
  /** `failed`, `start` or a node. */
  from: string;
  version?: string;
  /** JSON text of what the trigger gives instead, as it was typed. */
  input?: string;
}

/** A body with JSON text added to it as it was typed: parsing would round large numbers. */
function withItems(body: string, name: string, typed: string | undefined): string {
  return typed === undefined ? body : `${body.slice(0, -1)},"${name}":${typed}}`;
}

/**
 * Retrying makes a new run; the page goes there, where nothing else is made of it. The draft that it
 * goes on is saved first by `flush`, which gives its revision.
 */
export function useRetry(run: string, onMade?: (made: Run) => void, flush?: () => Promise<number>) {
  const navigate = useNavigate();
  const create = useCreate<Run>();
  return useMutation({
    mutationFn: async ({ input, ...asked }: Retry) => {
      const revision = await flush?.();
      const body = withItems(JSON.stringify(asked), 'input', input);
      // On a draft that was changed since it makes another run.
      return create(`/runs/${run}/retry`, body, revision);
    },
    onSuccess: (made) => (onMade === undefined ? navigate(`/runs/${made.id}`) : onMade(made)),
  });
}

interface Answer {
  step: string;
  decision: Decision;
  comment?: string;
  /** JSON text of the items to use, as it was typed. */
  items?: string;
}

export function useDecide(run: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ items, ...answer }: Answer) =>
      post(`/runs/${run}/resume`, withItems(JSON.stringify(answer), 'items', items)),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['run', run] }),
  });
}
