import { useSearchParams } from 'react-router';

/** The filters of a list, kept in the address so that it can be shared and gone back to. */
export function useFilters<Name extends string>(names: readonly Name[]) {
  const [params, setParams] = useSearchParams();
  const filters = Object.fromEntries(names.map((name) => [name, params.get(name)])) as Record<
    Name,
    string | null
  >;
  /** A changed filter starts again at the first page. */
  const setFilter = (name: Name, value: string | null) =>
    setParams(
      (before) => {
        const after = new URLSearchParams(before);
        after.delete('cursor');
        if (value === null || value === '') after.delete(name);
        else after.set(name, value);
        return after;
      },
      { replace: name !== ('cursor' as Name) },
    );
  return [filters, setFilter] as const;
}
