import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { get, patch, post, remove } from '../api/client';
import { keepWithin } from '../api/keepWithin';
import type {
  Credential,
  CredentialDetail,
  CredentialSaved,
  CredentialTried,
  CredentialType,
  Page,
} from '../api/types';
import { useCreate } from '../api/useCreate';

export interface CredentialFilter {
  workspace: string;
  type?: string | null;
  cursor?: string | null;
  limit: number;
}

/** One page of a workspace's credentials by name, each with the workflows that name it. */
export function useCredentials(filter: CredentialFilter) {
  return useQuery({
    queryKey: ['credentials', filter],
    queryFn: ({ signal }) =>
      get<Page<Credential>>(
        '/credentials',
        { ...filter, include: 'uses', ordering: 'name' },
        signal,
      ),
    placeholderData: keepWithin(filter.workspace),
  });
}

interface Picked {
  workspace: string;
  /** Of any of these types; of none there is none. */
  type: string[];
  search: string;
}

/** The first credentials that may be picked, by name. */
export function useCredentialsToPick(filter: Picked) {
  return useQuery({
    queryKey: ['credentials', filter],
    queryFn: ({ signal }) =>
      get<Page<Credential>>('/credentials', { ...filter, ordering: 'name', limit: 50 }, signal),
    placeholderData: keepWithin(filter.workspace),
    enabled: filter.type.length > 0,
    // Somebody comes back from the page where a new one was made.
    refetchOnWindowFocus: 'always',
  });
}

/** One credential; null asks for none. */
export function useCredential(id: string | null) {
  return useQuery({
    queryKey: ['credential', id],
    queryFn: ({ signal }) => get<CredentialDetail>(`/credentials/${id}`, {}, signal),
    enabled: id !== null,
  });
}

/** All types that there are, by their ids. */
export function useCredentialTypes() {
  return useQuery({
    queryKey: ['credential-types'],
    queryFn: async ({ signal }) => {
      const all = await get<{ results: CredentialType[] }>('/credential-types', {}, signal);
      return new Map(all.results.map((each) => [each.type, each]));
    },
    staleTime: Infinity,
  });
}

interface Saving {
  name: string;
  /** JSON text: of a change only what is to change. */
  values: string;
}

export function useMakeCredential(workspace: string, type: string) {
  const create = useCreate<CredentialSaved>();
  const onSuccess = useFreshCredentials();
  return useMutation({
    mutationFn: ({ name, values }: Saving) => {
      const [of, as] = [JSON.stringify({ workspace, type, name }).slice(0, -1), values];
      return create('/credentials', `${of},"values":${as}}`);
    },
    onSuccess,
  });
}

export function useChangeCredential(seen: Credential) {
  // Also where it was refused: somebody else may have changed it.
  const onSettled = useFreshCredentials();
  return useMutation({
    mutationFn: ({ name, values }: Saving) => {
      const of = JSON.stringify({ revision: seen.revision, name }).slice(0, -1);
      return patch<CredentialSaved>(`/credentials/${seen.id}`, `${of},"values":${values}}`);
    },
    onSettled,
  });
}

/** New secrets, which the service must take before they are stored; without a URL HTTP is not tried. */
export function useRotateSecrets(seen: Credential) {
  const onSettled = useFreshCredentials();
  return useMutation({
    mutationFn: ({ values, url }: { values: string; url: string }) => {
      const of = JSON.stringify({ revision: seen.revision, url }).slice(0, -1);
      return post<CredentialSaved>(`/credentials/${seen.id}/rotate`, `${of},"values":${values}}`);
    },
    onSettled,
  });
}

/** Delete it, also where workflows name it. */
export function useDeleteCredential(id: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: () => remove(`/credentials/${id}?force=true`),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['credentials'] }),
  });
}

/** Try it on its service, or on a URL. That it failed is an answer too. */
export function useTryCredential(id: string) {
  const onSuccess = useFreshCredentials();
  return useMutation({
    mutationFn: (url: string) =>
      post<CredentialTried>(`/credentials/${id}/test`, url === '' ? '{}' : JSON.stringify({ url })),
    onSuccess,
  });
}

/** Where to send the person whose consent it needs. */
export function useAuthorize(id: string) {
  return useMutation({
    mutationFn: () => post<{ url: string }>(`/credentials/${id}/authorize`),
  });
}

function useFreshCredentials() {
  const queryClient = useQueryClient();
  return () =>
    Promise.all([
      queryClient.invalidateQueries({ queryKey: ['credentials'] }),
      queryClient.invalidateQueries({ queryKey: ['credential'] }),
    ]);
}
