/** What expressions are tried on while they are written, and what comes of it. */

import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { createContext } from 'react';
import { ApiError, post } from '../api/client';
import { stringifyExact } from '../api/exactJson';
import type { Evaluated, Json } from '../api/types';
import { useSession } from '../session/session';

const QUIET_MS = 400;

/** The items that a node took in a run, and by their names what other nodes gave in it. */
export interface Sample {
  items: Json[];
  nodes: Record<string, Json[]>;
  /** The node that the items came from, by its name. */
  previous: string | null;
}

export const SampleContext = createContext<Sample | null>(null);

/** What the expression gives for the first item of the sample, a moment after it was typed. */
export function useEvaluated(expression: string, sample: Sample | null) {
  const { workspace } = useSession();
  const [typed] = useDebouncedValue(expression, QUIET_MS);
  const isEmpty = typed.slice(1).trim() === '';
  return useQuery({
    queryKey: ['evaluated', workspace.id, typed, sample],
    queryFn: () => {
      const { items, nodes, previous } = sample ?? { items: [], nodes: {}, previous: null };
      const context = { nodes, ...(previous === null ? {} : { previous: { node: previous } }) };
      const asked = { workspace: workspace.id, expression: typed, items, index: 0, context };
      return post<Evaluated>('/expressions/evaluate', stringifyExact(asked));
    },
    enabled: sample !== null && sample.items.length > 0 && !isEmpty,
    // What is wrong with an expression is wrong at the next try too; where all is busy it may not be.
    retry: (count, error) => count < 3 && !(error instanceof ApiError && error.status === 422),
    gcTime: 10_000,
    staleTime: Infinity,
  });
}
