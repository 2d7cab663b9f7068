import { Select } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';

interface Named {
  id: string;
  name: string;
}

interface Props {
  /** What is chosen from, as "workflow". */
  what: string;
  id?: string;
  'aria-label'?: string;
  placeholder: string;
  openOnFocus?: boolean;
  value: string | null;
  /** What the value names, as far as that is known. */
  chosen: Named | undefined;
  /** The first of those that have the words in their names. */
  found: Named[] | undefined;
  onSearch: (words: string) => void;
  onChange: (id: string | null) => void;
}

/** Chooses one by its name, however many there are: the server searches as one types. */
export function NamedSelect({ what, value, chosen, found, onSearch, onChange, ...input }: Props) {
  const searchSoon = useDebouncedCallback(onSearch, 250);
  const names = new Map(found?.map(({ id, name }) => [id, name]));
  // Also one that is not among those found, or that is gone, is said to be chosen.
  if (value !== null) names.set(value, chosen?.name ?? names.get(value) ?? value);
  const now = value === null ? '' : names.get(value);
  return (
    <Select
      {...input}
      clearable
      searchable
      nothingFoundMessage={`No ${what} has this name`}
      data={[...names].map(([id, name]) => ({ value: id, label: name }))}
      onSearchChange={(typed) => searchSoon(typed === now ? '' : typed)}
      value={value}
      onChange={onChange}
    />
  );
}
