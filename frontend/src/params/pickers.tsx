import { Anchor } from '@mantine/core';
import { createContext, useContext, useState } from 'react';
import { Link } from 'react-router';
import type { Json } from '../api/types';
import { useCredential, useCredentialsToPick, useCredentialTypes } from '../credentials/queries';
import { useSession } from '../session/session';
import { NamedSelect } from '../ui/NamedSelect';
import { WorkflowSelect } from '../workflows/WorkflowSelect';
import { textOf } from './inputs';
import classes from './params.module.css';

interface Props {
  id: string;
  value: Json;
  onChange: (value: Json) => void;
}

/** The types of credentials that the node takes. */
export const CredentialTypesContext = createContext<string[]>([]);

/** One of the workspace's credentials that the node takes; what is kept is its id. */
export function CredentialPicker({ id, value, onChange }: Props) {
  const { workspace } = useSession();
  const types = useContext(CredentialTypesContext);
  const known = useCredentialTypes().data;
  const [search, setSearch] = useState('');
  const { data: found } = useCredentialsToPick({ workspace: workspace.id, type: types, search });
  const { data: chosen } = useCredential(textOf(value) || null);
  return (
    <>
      <NamedSelect
        id={id}
        what="credential"
        placeholder="Choose a credential"
        openOnFocus={false}
        value={textOf(value) || null}
        chosen={chosen}
        found={found?.results}
        onSearch={setSearch}
        onChange={(picked) => onChange(picked ?? undefined)}
      />
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
export function WorkflowPicker({ id, value, onChange }: Props) {
  return (
    <WorkflowSelect
      id={id}
      placeholder="Choose a workflow"
      openOnFocus={false}
      value={textOf(value) || null}
      onChange={(picked) => onChange(picked ?? undefined)}
    />
  );
}
