import { useThrottledCallback } from '@mantine/hooks';
import { useQueryClient, type QueryKey } from '@tanstack/react-query';
import { useRunStatusChanges } from './live';

const REFETCH_MS = 2_000;

/**
 * Read a list again, now and then, while runs change: of one workflow, or of all. What they are
 * told with, or what started them, is new in it.
 */
export function useFreshWithRuns(queryKey: QueryKey, workflow: string | null): void {
  const queryClient = useQueryClient();
  const refetchSoon = useThrottledCallback(
    () => void queryClient.invalidateQueries({ queryKey }, { cancelRefetch: false }),
    REFETCH_MS,
  );
  useRunStatusChanges((changes) => {
    if (changes.some((change) => workflow === null || change.workflow === workflow)) refetchSoon();
  });
}
