import { useMediaQuery } from '@mantine/hooks';

/** Whether there is no room for a detail beside what it is of. */
export function useIsNarrow(): boolean {
  return useMediaQuery('(max-width: 900px)', false, { getInitialValueInEffect: false });
}
