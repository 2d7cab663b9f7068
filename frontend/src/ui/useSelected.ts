import { useSearchParams } from 'react-router';

/** What is selected on a page, kept in the address beside the filters of its list. */
export function useSelected(name: string) {
  const [params, setParams] = useSearchParams();
  const searchOf = (id: string | null): string => {
    const after = new URLSearchParams(params);
    if (id === null) after.delete(name);
    else after.set(name, id);
    return `?${after.toString()}`;
  };
  return {
    selected: params.get(name),
    /** Where a link leads that selects this one. */
    searchOf,
    close: () => setParams(searchOf(null), { replace: true }),
  };
}
