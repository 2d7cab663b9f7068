import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { get, remove } from '../api/client';
import type { Invitation, Page, Role, SentInvitation } from '../api/types';
import { useCreate } from '../api/useCreate';

const INVITATIONS = 'invitations';

export function useInvitations(workspace: string) {
  return useQuery({
    queryKey: [INVITATIONS, workspace],
    queryFn: ({ signal }) =>
      get<Page<Invitation>>(`/workspaces/${workspace}/invitations`, { limit: 100 }, signal),
  });
}

/** The answer may be the only one that holds the link: it is kept in no cache. */
export function useInvite(workspace: string) {
  const create = useCreate<SentInvitation>();
  const onSuccess = useFreshInvitations();
  return useMutation({
    mutationFn: (somebody: { email: string; role: Role }) =>
      create(`/workspaces/${workspace}/invitations`, JSON.stringify(somebody)),
    onSuccess,
    gcTime: 0,
  });
}

export function useSendAgain(workspace: string, invitation: Invitation) {
  const create = useCreate<SentInvitation>();
  const onSuccess = useFreshInvitations();
  return useMutation({
    mutationFn: () => create(`/workspaces/${workspace}/invitations/${invitation.id}/send`, '{}'),
    onSuccess,
    gcTime: 0,
  });
}

export function useWithdraw(workspace: string, invitation: Invitation) {
  const onSuccess = useFreshInvitations();
  return useMutation({
    mutationFn: () => remove(`/workspaces/${workspace}/invitations/${invitation.id}`),
    onSuccess,
  });
}

/** Who was invited may be a member by now. */
function useFreshInvitations() {
  const queryClient = useQueryClient();
  return () =>
    Promise.all([
      queryClient.invalidateQueries({ queryKey: [INVITATIONS] }),
      queryClient.invalidateQueries({ queryKey: ['members'] }),
    ]);
}
