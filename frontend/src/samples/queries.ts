import { useQuery } from '@tanstack/react-query';
import { get } from '../api/client';
import type { Sample } from '../api/types';

/** The workflows that come with FlowForge, to begin with. */
export function useSamples() {
  return useQuery({
    queryKey: ['samples'],
    queryFn: ({ signal }) => get<{ results: Sample[] }>('/samples', {}, signal),
    select: ({ results }) => results,
    staleTime: Infinity,
  });
}
