import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useSession } from '../session/session';
import { useWorkflow, useWorkflows } from './queries';

interface Props {
  value: string | null;
  onChange: (workflow: string | null) => void;
}

/** Chooses one of the workspace's workflows, however many there are: the server searches. */
export function WorkflowSelect({ value, onChange }: Props) {
  const { workspace } = useSession();
  const { data: chosen } = useWorkflow(value);
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed === chosen?.name ? '' : typed, 250);
  const found = useWorkflows({ workspace: workspace.id, search, limit: 50 });
  const names = new Map(found.data?.results.map(({ id, name }) => [id, name]));
  // Also one that is not among those found, or that is gone, is said to be the filter.
  if (value !== null) names.set(value, chosen?.name ?? names.get(value) ?? value);
  return (
    <Select
      aria-label="Workflow"
      placeholder="Every workflow"
      clearable
      searchable
      nothingFoundMessage="No workflow has this name"
      data={[...names].map(([id, name]) => ({ value: id, label: name }))}
      onSearchChange={setTyped}
      value={value}
      onChange={onChange}
    />
  );
}
