import { Anchor, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import { Link } from 'react-router';
import { get } from '../api/client';
import type { Credential, Json, Page, Workflow } from '../api/types';
import { useCredentialTypes } from '../credentials/queries';
import { useSession } from '../session/session';
import { textOf } from './inputs';
import classes from './params.module.css';

interface Props {
  id: string;
  value: Json;
  onChange: (value: Json) => void;
}

const MOST = 200;

/** The types of credentials that the node takes. */
export const CredentialTypesContext = createContext<string[]>([]);

/** One of the workspace's credentials that the node takes; what is kept is its id. */
export function CredentialPicker(props: Props) {
  const { workspace } = useSession();
  const types = useContext(CredentialTypesContext);
  const known = useCredentialTypes().data;
  const { data } = useQuery({
    queryKey: ['credentials', 'to pick', workspace.id],
    queryFn: ({ signal }) =>
      get<Page<Credential>>('/credentials', { workspace: workspace.id, limit: MOST }, signal),
    // Somebody comes back from the page where a new one was made.
    refetchOnWindowFocus: 'always',
  });
  const found = data?.results.filter(({ id, type }) => types.includes(type) || id === props.value);
  return (
    <>
      <Picker {...props} what="credential" found={found} />
      <div className={classes.links}>
        {types.map((type) => (
          <Anchor
            key={type}
            component={Link}
            to={`/credentials?new=${encodeURIComponent(type)}`}
            target="_blank"
            size="xs"
          >
            {types.length === 1
              ? 'Create a credential'
              : `Create: ${known?.get(type)?.label ?? type}`}
          </Anchor>
        ))}
      </div>
    </>
  );
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
      openOnFocus={false}
      clearable
      onChange={(picked) => onChange(picked ?? undefined)}
    />
  );
}
