/** What expressions are tried on while they are written, and what comes of it. */

import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import { ApiError, get, post } from '../api/client';
import { stringifyExact } from '../api/exactJson';
import type { Evaluated, Json, Page } from '../api/types';
import type { Reach } from '../code/suggest';
import { useSession } from '../session/session';

const QUIET_MS = 400;
const MOST_VARIABLES = 200;

/** The items that a node took in a run, and by their names what other nodes gave in it. */
export interface Sample {
  items: Json[];
  nodes: Record<string, Json[]>;
  /** The node that the items came from, by its name. */
  previous: string | null;
  /** The names of the nodes before this one, the nearest first. */
  before: string[];
}

export const NO_SAMPLE: Sample = { items: [], nodes: {}, previous: null, before: [] };

/** The names of the nodes before that gave items. */
export function givenBefore({ before, nodes }: Sample): string[] {
  return before.filter((name) => (nodes[name] ?? []).length > 0);
}

/** Whether there is anything to be mapped. */
export function hasData(sample: Sample): boolean {
  return sample.items.length > 0 || givenBefore(sample).length > 0;
}

interface Shown {
  sample: Sample;
  /** That of the item that is shown. */
  place: number;
  choose: (place: number) => void;
}

export const SampleContext = createContext<Shown>({
  sample: NO_SAMPLE,
  place: 0,
  choose: () => {},
});

/** What the expression gives for the item that is shown, a moment after it was typed. */
export function useEvaluated(expression: string) {
  const { workspace } = useSession();
  const { sample, place } = useContext(SampleContext);
  const [typed] = useDebouncedValue(expression, QUIET_MS);
  const isEmpty = typed.slice(1).trim() === '';
  const { items, nodes, previous } = sample;
  const named = Object.entries(nodes).map(([name, given]) => `${name} ${numberOf(given)}`);
  const evaluated = useQuery({
    queryKey: ['evaluated', workspace.id, typed, place, previous, numberOf(items), named],
    queryFn: () => {
      const context = { nodes, ...(previous === null ? {} : { previous: { node: previous } }) };
      const asked = { workspace: workspace.id, expression: typed, items, index: place, context };
      return post<Evaluated>('/expressions/evaluate', stringifyExact(asked));
    },
    enabled: items.length > 0 && !isEmpty,
    // What is wrong with an expression is wrong at the next try too; where all is busy it may not be.
    retry: (count, error) => count < 3 && !(error instanceof ApiError && error.status === 422),
    gcTime: 10_000,
    staleTime: Infinity,
  });
  // What is told of another text would stand at the wrong place.
  return { data: evaluated.data, error: typed === expression ? evaluated.error : null, place };
}

const numbers = new WeakMap<Json[], number>();
let latest = 0;

/**
 * Stands for a list in a query's key: to compare all that it holds at each look would take long, and
 * no key can hold an integer beyond 2^53.
 */
function numberOf(list: Json[]): number {
  if (list.length === 0) return 0;
  const known = numbers.get(list);
  if (known !== undefined) return known;
  latest += 1;
  numbers.set(list, latest);
  return latest;
}

/** What expressions of the node reach, to suggest it. */
export function useReach(): Reach {
  const { workspace } = useSession();
  const { sample } = useContext(SampleContext);
  const { data } = useQuery({
    queryKey: ['variables', workspace.id],
    queryFn: ({ signal }) =>
      get<Page<{ name: string }>>(
        `/workspaces/${workspace.id}/variables`,
        { limit: MOST_VARIABLES },
        signal,
      ),
    staleTime: 60_000,
    retry: false,
  });
  return { ...sample, variables: (data?.results ?? []).map(({ name }) => name) };
}
