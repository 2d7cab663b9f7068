import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ME } from '../session/session';
import { ApiError } from './client';

/** Answers of the server are kept here; a 401 anywhere means that nobody is signed in any more. */
export function newQueryClient(): QueryClient {
  const client = new QueryClient({
    queryCache: new QueryCache({ onError: noticeSignedOut }),
    mutationCache: new MutationCache({ onError: noticeSignedOut }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        // What the server refused it refuses again; what did not reach it may reach it now.
        retry: (count, error) => !(error instanceof ApiError && error.status < 500) && count < 2,
      },
    },
  });
  return client;

  function noticeSignedOut(error: Error): void {
    if (error instanceof ApiError && error.status === 401) client.setQueryData(ME, null);
  }
}
