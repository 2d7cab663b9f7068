import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { get, patch, remove } from '../api/client';
import { keepWithin } from '../api/keepWithin';
import type { AuditEntry, OwnSession, Page, Variable, Workspace } from '../api/types';
import { useCreate } from '../api/useCreate';
import { ME } from '../session/session';

interface OnePage {
  workspace: string;
  cursor?: string | null;
}

export function useRenameWorkspace(workspace: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (name: string) =>
      patch<Workspace>(`/workspaces/${workspace}`, JSON.stringify({ name })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ME }),
  });
}

/** Make a workspace, whose admin one is then. */
export function useMakeWorkspace() {
  const create = useCreate<Workspace>();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => create('/workspaces', JSON.stringify({ name })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ME }),
  });
}

const SESSIONS = ['own-sessions'];

/** Where one is signed in. */
export function useSessions() {
  return useQuery({
    queryKey: SESSIONS,
    queryFn: ({ signal }) => get<{ results: OwnSession[] }>('/me/sessions', {}, signal),
  });
}

/** Sign out one browser; without one, all but this. */
export function useEndSession(session?: OwnSession) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: () => remove(`/me/sessions${session === undefined ? '' : `/${session.id}`}`),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: SESSIONS }),
  });
}

export function useVariables({ workspace, cursor }: OnePage) {
  return useQuery({
    queryKey: ['variables', { workspace, cursor }],
    queryFn: ({ signal }) =>
      get<Page<Variable>>(`/workspaces/${workspace}/variables`, { cursor, limit: 100 }, signal),
    placeholderData: keepWithin(workspace),
  });
}

/** Make a variable, or change the one that is given. */
export function useSaveVariable(workspace: string, variable?: Variable) {
  const create = useCreate<Variable>();
  const onSuccess = useFreshVariables();
  const path = `/workspaces/${workspace}/variables`;
  return useMutation({
    mutationFn: (said: { name: string; value: string }) => {
      const body = JSON.stringify(said);
      return variable === undefined ? create(path, body) : patch(`${path}/${variable.id}`, body);
    },
    onSuccess,
  });
}

export function useDeleteVariable(workspace: string, variable: Variable) {
  const onSuccess = useFreshVariables();
  return useMutation({
    mutationFn: () => remove(`/workspaces/${workspace}/variables/${variable.id}`),
    onSuccess,
  });
}

function useFreshVariables() {
  const queryClient = useQueryClient();
  return () => queryClient.invalidateQueries({ queryKey: ['variables'] });
}

/** One page of who changed what, the newest first. */
export function useAudit({ workspace, cursor }: OnePage) {
  return useQuery({
    queryKey: ['audit', { workspace, cursor }],
    queryFn: ({ signal }) =>
      get<Page<AuditEntry>>(`/workspaces/${workspace}/audit`, { cursor, limit: 50 }, signal),
    placeholderData: keepWithin(workspace),
  });
}
