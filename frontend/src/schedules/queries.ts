import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { stringifyExact } from '../api/exactJson';
import { get, patch, post } from '../api/client';
import type {
  Backfilled,
  BackfillEstimate,
  Fire,
  GraphNode,
  Page,
  Run,
  Schedule,
  ScheduleTimes,
} from '../api/types';
import { keepWithin } from '../api/keepWithin';
import { useCreate } from '../api/useCreate';
import { useFreshWithRuns } from '../live/useFreshWithRuns';

const FIRES = 5;

/** The schedule that publishing made of a node; null: none yet. Read again as it fires. */
export function useSchedule(workflow: string, node: string) {
  const queryKey = ['schedules', workflow];
  useFreshWithRuns(queryKey, workflow);
  return useQuery({
    queryKey,
    queryFn: ({ signal }) => get<Page<Schedule>>('/schedules', { workflow, limit: 200 }, signal),
    select: ({ results }) => results.find((schedule) => schedule.node === node) ?? null,
  });
}

export interface ScheduleFilter {
  workspace: string;
  workflow?: string | null;
  state?: string | null;
  cursor?: string | null;
  limit: number;
}

/** No event tells that a schedule is late, or was paused by somebody else. */
const STATES_MS = 30_000;

/** One page of the schedules of a workspace, the newest first. */
export function useSchedules(filter: ScheduleFilter) {
  const queryKey = ['schedules', filter];
  useFreshWithRuns(queryKey, filter.workflow ?? null);
  return useQuery({
    queryKey,
    queryFn: ({ signal }) => get<Page<Schedule>>('/schedules', { ...filter }, signal),
    placeholderData: keepWithin(filter.workspace),
    refetchInterval: STATES_MS,
  });
}

/** The next times of a schedule, whether or not it is paused. */
export function useNextTimes({ id, next_run_at }: Schedule) {
  return useQuery({
    queryKey: ['schedule-times', id, next_run_at],
    queryFn: ({ signal }) => get<ScheduleTimes>(`/schedules/${id}/next`, {}, signal),
  });
}

/** Sentence and next times: of a schedule, or of a node that is not live, with the graph's zone. */
export function useTimes(schedule: Schedule | null, node: GraphNode, timezone: string) {
  const isLive = schedule !== null && schedule.state !== 'not_live';
  const params = stringifyExact(node.params);
  return useQuery({
    queryKey: isLive
      ? ['schedule-times', schedule.id, schedule.next_run_at]
      : ['schedule-preview', params, timezone],
    queryFn: ({ signal }) =>
      isLive
        ? get<ScheduleTimes>(`/schedules/${schedule.id}/next`, {}, signal)
        : post<ScheduleTimes>(
            '/schedules/preview',
            `{"params":${params},"timezone":${JSON.stringify(timezone)}}`,
          ),
  });
}

/** What became of its latest times. */
export function useFires(schedule: Schedule) {
  const queryKey = ['schedule-fires', schedule.id];
  useFreshWithRuns(queryKey, schedule.workflow);
  return useQuery({
    queryKey,
    queryFn: ({ signal }) =>
      get<Page<Fire>>(`/schedules/${schedule.id}/fires`, { limit: FIRES }, signal),
  });
}

export function usePause({ id }: Schedule) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (paused: boolean) => patch(`/schedules/${id}`, JSON.stringify({ paused })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['schedules'] }),
  });
}

/** Makes a run beside the times; the page goes there. */
export function useRunSchedule({ id }: Schedule) {
  const navigate = useNavigate();
  const create = useCreate<Run>();
  return useMutation({
    mutationFn: () => create(`/schedules/${id}/run`, '{}'),
    onSuccess: (run) => navigate(`/runs/${run.id}`),
  });
}

/** The past from one moment to another, in which each time is to have a run. */
export interface Span {
  from: string;
  to: string;
}

/** What a backfill of a span would do; it does nothing. */
export function useBackfillEstimate({ id }: Schedule) {
  return useMutation({
    mutationFn: (span: Span) =>
      post<BackfillEstimate>(
        `/schedules/${id}/backfill`,
        JSON.stringify({ ...span, dry_run: true }),
      ),
  });
}

export function useBackfill({ id }: Schedule) {
  const create = useCreate<Backfilled>();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (span: Span) => create(`/schedules/${id}/backfill`, JSON.stringify(span)),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['schedule-fires', id] }),
  });
}
