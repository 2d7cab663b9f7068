import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useNavigate } from 'react-router';
import { get, post } from '../api/client';
import { keepWithin } from '../api/keepWithin';
import type { HookRequest, HookRequestDetail, Listener, Page, Run } from '../api/types';
import { useCreate } from '../api/useCreate';
import { useLive } from '../live/live';
import { useFreshWithRuns } from '../live/useFreshWithRuns';

/** How often a listener is looked at, for what the live connection tells may be lost. */
const LOOK_MS = 3_000;

export interface RequestFilter {
  workspace: string;
  workflow: string;
  node?: string | null;
  run?: string | null;
  cursor?: string | null;
  limit: number;
}

/** One page of the inbox, the newest first. */
export function useRequests(filter: RequestFilter) {
  const queryKey = ['hook-requests', filter];
  useFreshWithRuns(queryKey, filter.workflow);
  return useQuery({
    queryKey,
    queryFn: ({ signal }) => get<Page<HookRequest>>('/hook-requests', { ...filter }, signal),
    placeholderData: keepWithin(filter.workspace),
  });
}

export function useRequest(id: string, workflow: string) {
  const queryKey = ['hook-request', id];
  useFreshWithRuns(queryKey, workflow);
  return useQuery({
    queryKey,
    queryFn: ({ signal }) => get<HookRequestDetail>(`/hook-requests/${id}`, {}, signal),
  });
}

/** Replaying makes a new run; the page goes there. */
export function useReplay(request: string) {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const create = useCreate<Run>();
  return useMutation({
    mutationFn: (version: 'same' | 'published') =>
      create(`/hook-requests/${request}/replay`, JSON.stringify({ version })),
    onSuccess: (run) => {
      void queryClient.invalidateQueries({ queryKey: ['hook-request', request] });
      return navigate(`/runs/${run.id}`);
    },
  });
}

/** The listener of a webhook, from when this page had it listen; looked at until a request came. */
export function useListener(workflow: string, node: string) {
  const queryClient = useQueryClient();
  const live = useLive();
  const queryKey = listenerKey(workflow, node);
  useEffect(
    () =>
      live.onHeard((heard) => {
        if (heard.workflow !== workflow || heard.node !== node) return;
        void queryClient.invalidateQueries({ queryKey: listenerKey(workflow, node) });
      }),
    [live, queryClient, workflow, node],
  );
  const { data } = useQuery({
    queryKey,
    queryFn: ({ signal }) => {
      const { id } = queryClient.getQueryData<Listener>(queryKey) as Listener;
      return get<Listener>(`/listeners/${id}`, {}, signal);
    },
    enabled: ({ state }) => state.data !== undefined,
    refetchInterval: ({ state }) => (isOpen(state.data) ? LOOK_MS : false),
  });
  return data;
}

function isOpen(listener: Listener | undefined): boolean {
  return listener?.request === null && Date.parse(listener.until) > Date.now();
}

/** Have a webhook of the draft listen for one request, and, if asked, run the draft with it. */
/** `flush` saves what is to listen, where that is not done yet. */
export function useListen(workflow: string, node: string, flush?: () => Promise<unknown>) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: async (run: boolean) => {
      await flush?.();
      return post<Listener>(`/workflows/${workflow}/listen`, JSON.stringify({ node, run }));
    },
    onSuccess: (listener) => queryClient.setQueryData(listenerKey(workflow, node), listener),
  });
}

export function useStopListening(listener: Listener) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: () => post<Listener>(`/listeners/${listener.id}/stop`),
    onSuccess: (stopped) =>
      queryClient.setQueryData(listenerKey(listener.workflow, listener.node), stopped),
  });
}

function listenerKey(workflow: string, node: string) {
  return ['listener', workflow, node];
}
