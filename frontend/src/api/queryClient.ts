import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ME } from '../session/session';
import { ApiError } from './client';
import type { Me } from './types';

/**
 * Answers of the server are kept here, for one person: when another, or nobody, is signed in, all
 * but who that is is forgotten. A 401 anywhere means that nobody is signed in any more.
 */
export function newQueryClient(): QueryClient {
  const client = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, query) => {
        noticeSignedOut(error);
        // What is gone, or may not be seen any more, is not shown from what was kept of it.
        if (isStatus(error, 403) || isStatus(error, 404)) query.setState({ data: undefined });
      },
    }),
    mutationCache: new MutationCache({ onError: noticeSignedOut }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        // What the server refused it refuses again; what did not reach it may reach it now.
        retry: (count, error) => !(error instanceof ApiError && error.status < 500) && count < 2,
      },
    },
  });
  let person: string | undefined;
  client.getQueryCache().subscribe(() => {
    const now = client.getQueryData<Me | null>(ME)?.id;
    if (now === person) return;
    person = now;
    client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== ME[0] });
  });
  return client;

  function noticeSignedOut(error: Error): void {
    if (isStatus(error, 401)) client.setQueryData(ME, null);
  }
}

function isStatus(error: Error, status: number): boolean {
  return error instanceof ApiError && error.status === status;
}
