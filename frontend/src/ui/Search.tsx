import { TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useState } from 'react';
import { Icon } from './Icon';

interface Props {
  label: string;
  placeholder: string;
  value: string | null;
  onSearch: (text: string) => void;
}

/** Shows what is searched for, or what is being typed until the search has caught up with it. */
export function Search({ label, placeholder, value, onSearch }: Props) {
  const [typed, setTyped] = useState<string | null>(null);
  if (typed !== null && typed === (value ?? '')) setTyped(null);
  const searchSoon = useDebouncedCallback(onSearch, 250);
  return (
    <TextInput
      type="search"
      aria-label={label}
      placeholder={placeholder}
      leftSection={<Icon name="search" size={14} />}
      value={typed ?? value ?? ''}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        searchSoon(event.currentTarget.value);
      }}
      // Later it would take back where they have gone meanwhile, for the search is in the address.
      onBlur={() => searchSoon.flush()}
    />
  );
}
