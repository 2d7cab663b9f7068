import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { get, remove } from '../api/client';
import { keepWithin } from '../api/keepWithin';
import type { ApiKey, Page, Role, ShownApiKey } from '../api/types';
import { useCreate } from '../api/useCreate';

export interface KeyFilter {
  workspace: string;
  cursor?: string | null;
}

const KEYS = 'api-keys';

export function useApiKeys({ workspace, cursor }: KeyFilter) {
  return useQuery({
    queryKey: [KEYS, { workspace, cursor }],
    queryFn: ({ signal }) =>
      get<Page<ApiKey>>(`/workspaces/${workspace}/api-keys`, { cursor, limit: 50 }, signal),
    placeholderData: keepWithin(workspace),
  });
}

export interface NewKey {
  name: string;
  role: Role;
  expires_at: string | null;
}

/** The answer is the only one that holds the key: it is kept in no cache. */
export function useMakeKey(workspace: string) {
  const create = useCreate<ShownApiKey>();
  const onSuccess = useFreshKeys();
  return useMutation({
    mutationFn: (key: NewKey) => create(`/workspaces/${workspace}/api-keys`, JSON.stringify(key)),
    onSuccess,
    gcTime: 0,
  });
}

export function useRevokeKey(workspace: string, key: ApiKey) {
  const onSuccess = useFreshKeys();
  return useMutation({
    mutationFn: () => remove(`/workspaces/${workspace}/api-keys/${key.id}`),
    onSuccess,
  });
}

function useFreshKeys() {
  const queryClient = useQueryClient();
  return () => queryClient.invalidateQueries({ queryKey: [KEYS] });
}
