import { Button, Text } from '@mantine/core';
import { useState } from 'react';
import { ApiError } from '../api/client';
import { stringifyExact } from '../api/exactJson';
import type { CredentialDetail, CredentialType, Json } from '../api/types';
import { useMay } from '../session/session';
import { Detail } from '../ui/Detail';
import { Facts, type Fact } from '../ui/Facts';
import { LoadingNotice } from '../ui/Notices';
import { Read } from '../ui/Read';
import { Connect } from './Connect';
import { CredentialForm } from './CredentialForm';
import classes from './credentials.module.css';
import { State } from './CredentialsTable';
import { DeleteCredential } from './DeleteCredential';
import { useChangeCredential, useCredential, useRotateSecrets } from './queries';
import { RotateDialog } from './RotateDialog';
import { TryIt } from './TryIt';
import { UsedBy } from './UsedBy';
import { storedNames, valueFieldsOf, type ValueField } from './values';

interface Props {
  id: string;
  typeOf: (type: string) => CredentialType | undefined;
  onClose: () => void;
}

/** All of one credential but its secrets: to look at, or, by who may, to change, try and delete. */
export function CredentialView({ id, typeOf, onClose }: Props) {
  const reading = useCredential(id);
  const credential = reading.data;
  const type = credential && typeOf(credential.type);
  return (
    <Detail
      what="Credential"
      title={credential?.name ?? 'Credential'}
      facts={
        credential && (
          <>
            <span>{type?.label ?? credential.type}</span>
            <State credential={credential} type={type} />
          </>
        )
      }
      onClose={onClose}
    >
      <Read of={reading} what="the credential">
        {(credential) =>
          type !== undefined ? (
            <Shown credential={credential} type={type} onDeleted={onClose} />
          ) : (
            <LoadingNotice what="its type" />
          )
        }
      </Read>
    </Detail>
  );
}

interface ShownProps {
  credential: CredentialDetail;
  type: CredentialType;
  onDeleted: () => void;
}

function Shown({ credential, type, onDeleted }: ShownProps) {
  const mayEdit = useMay('editor');
  // What somebody is typing stays, though the credential is read again; it is as it was then.
  const [seen, setSeen] = useState(credential);
  return (
    <>
      {credential.last_test_error !== '' && (
        <Text size="sm" c="var(--ff-failed)">
          When it was last tried: {credential.last_test_error}
        </Text>
      )}
      {mayEdit ? (
        <Change
          key={seen.revision}
          seen={seen}
          now={credential}
          type={type}
          onSeen={setSeen}
          onDeleted={onDeleted}
        />
      ) : (
        <>
          <Facts facts={valueFieldsOf(type.schema).map((field) => factOf(field, credential))} />
          <Text size="xs" c="var(--ff-muted)">
            Changing and trying it takes the role editor.
          </Text>
        </>
      )}
      {mayEdit && credential.needs_consent && <Connect credential={credential} />}
      {mayEdit && <TryIt credential={credential} type={type} />}
      <section className={classes.part}>
        <h3>Used by</h3>
        {credential.used_by.length > 0 ? (
          <UsedBy uses={credential.used_by} />
        ) : (
          <span className={classes.quiet}>
            No workflow yet. Nodes that take it offer it in their forms.
          </span>
        )}
      </section>
    </>
  );
}

interface ChangeProps {
  seen: CredentialDetail;
  now: CredentialDetail;
  type: CredentialType;
  onSeen: (credential: CredentialDetail) => void;
  onDeleted: () => void;
}

function Change({ seen, now, type, onSeen, onDeleted }: ChangeProps) {
  const save = useChangeCredential(seen);
  const rotation = useRotateSecrets(seen);
  const [isRotating, setRotating] = useState(false);
  const isRefused = [save, rotation].some(({ error }) => error instanceof ApiError);
  const isStale = isRefused && now.revision !== seen.revision;
  return (
    <>
      <CredentialForm type={type} seen={seen} save={save} onSaved={onSeen}>
        {now.secrets.length > 0 && (
          <Button
            variant="default"
            title="New secrets under the same name, tried before they are kept"
            onClick={() => setRotating(true)}
          >
            Rotate…
          </Button>
        )}
        <DeleteCredential credential={now} onDeleted={onDeleted} />
        {isStale && (
          <Button variant="default" onClick={() => onSeen(now)}>
            Show what it is now
          </Button>
        )}
      </CredentialForm>
      {isRotating && (
        <RotateDialog
          type={type}
          seen={seen}
          rotation={rotation}
          onRotated={onSeen}
          onClose={() => setRotating(false)}
        />
      )}
    </>
  );
}

function factOf(field: ValueField, credential: CredentialDetail): Fact {
  const value = credential.values[field.name] ?? field.default;
  if (field.secret === 'pairs')
    return [field.label, storedNames(field.name, credential).join(', ')];
  if (field.secret !== null) {
    return [field.label, credential.secrets.includes(field.name) ? 'Set, never shown' : 'Not set'];
  }
  return [field.label, textOf(value) || '–'];
}

function textOf(value: Json): string {
  if (Array.isArray(value)) return value.map(textOf).join(', ');
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : stringifyExact(value);
}
