import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { get, patch, remove } from '../api/client';
import { keepWithin } from '../api/keepWithin';
import type { Member, Page, Role } from '../api/types';
import { ME } from '../session/session';

export interface MemberFilter {
  workspace: string;
  cursor?: string | null;
}

export function useMembers({ workspace, cursor }: MemberFilter) {
  return useQuery({
    queryKey: ['members', { workspace, cursor }],
    queryFn: ({ signal }) =>
      get<Page<Member>>(`/workspaces/${workspace}/members`, { cursor, limit: 100 }, signal),
    placeholderData: keepWithin(workspace),
  });
}

export function useChangeRole(workspace: string, member: Member) {
  const onSuccess = useFreshMembers();
  return useMutation({
    mutationFn: (role: Role) =>
      patch<Member>(`/workspaces/${workspace}/members/${member.id}`, JSON.stringify({ role })),
    onSuccess,
  });
}

export function useRemoveMember(workspace: string, member: Member) {
  const onSuccess = useFreshMembers();
  return useMutation({
    mutationFn: () => remove(`/workspaces/${workspace}/members/${member.id}`),
    onSuccess,
  });
}

/** It may have been one's own role. */
function useFreshMembers() {
  const queryClient = useQueryClient();
  return () =>
    Promise.all([
      queryClient.invalidateQueries({ queryKey: ['members'] }),
      queryClient.invalidateQueries({ queryKey: ME }),
    ]);
}
