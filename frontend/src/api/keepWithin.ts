import type { QueryKey } from '@tanstack/react-query';

/**
 * While a list is read with other filters, what was shown stays; but nothing of one workspace is
 * shown as another's. For queries with the key [name, { workspace, … }].
 */
export function keepWithin(workspace: string) {
  return <T>(shown: T | undefined, query: { queryKey: QueryKey } | undefined): T | undefined => {
    const before = query?.queryKey[1] as { workspace: string } | undefined;
    return before?.workspace === workspace ? shown : undefined;
  };
}
