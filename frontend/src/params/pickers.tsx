import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { get } from '../api/client';
import type { Credential, Json, Page, Workflow } from '../api/types';
import { useSession } from '../session/session';
import { textOf } from './inputs';

interface Props {
  id: string;
  value: Json;
  onChange: (value: Json) => void;
}

const MOST = 200;

/** One of the workspace's credentials; what is kept is its id. */
export function CredentialPicker(props: Props) {
  const { workspace } = useSession();
  const { data } = useQuery({
    queryKey: ['credentials', workspace.id],
    queryFn: ({ signal }) =>
      get<Page<Credential>>('/credentials', { workspace: workspace.id, limit: MOST }, signal),
  });
  return <Picker {...props} what="credential" found={data?.results} />;
}

/** One of the workspace's workflows; what is kept is its id. */
export function WorkflowPicker(props: Props) {
  const { workspace } = useSession();
  const { data } = useQuery({
    queryKey: ['workflows', 'to pick', workspace.id],
    queryFn: ({ signal }) =>
      get<Page<Workflow>>('/workflows', { workspace: workspace.id, limit: MOST }, signal),
  });
  return <Picker {...props} what="workflow" found={data?.results} />;
}

interface PickerProps extends Props {
  what: string;
  found: { id: string; name: string }[] | undefined;
}

function Picker({ id, value, onChange, what, found = [] }: PickerProps) {
  const now = textOf(value);
  const options = found.map((each) => ({ value: each.id, label: each.name }));
  const isKnown = now === '' || options.some((option) => option.value === now);
  return (
    <Select
      id={id}
      placeholder={`Choose a ${what}`}
      nothingFoundMessage={`There is no ${what} here`}
      data={isKnown ? options : [...options, { value: now, label: now }]}
      value={now === '' ? null : now}
      searchable
      clearable
      onChange={(picked) => onChange(picked ?? undefined)}
    />
  );
}
