import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import type { UseMutationResult } from '@tanstack/react-query';
import { useMemo, useState, type ReactNode, type SyntheticEvent } from 'react';
import type { CredentialDetail, CredentialSaved, CredentialType } from '../api/types';
import { FieldInput } from '../forms/FieldInput';
import { CopyText } from '../ui/CopyText';
import { ErrorNotice } from '../ui/Notices';
import classes from './credentials.module.css';
import { SecretInput } from './SecretInput';
import { SecretPairs } from './SecretPairs';
import { toldOf, warn } from './told';
import {
  changeOf,
  isSentElsewhere,
  valueFieldsOf,
  valuesOf,
  type SecretEntered,
  type ValueField,
} from './values';

interface Props {
  type: CredentialType;
  /** What it is now; without: it is a new one. */
  seen?: CredentialDetail;
  save: UseMutationResult<CredentialSaved, Error, { name: string; values: string }>;
  onSaved: (saved: CredentialSaved) => void;
  /** Deeds beside that of saving. */
  children?: ReactNode;
}

/** The form of a credential, made of the schema of its type. */
export function CredentialForm({ type, seen, save, onSaved, children }: Props) {
  const fields = useMemo(() => valueFieldsOf(type.schema), [type]);
  const [name, setName] = useState(seen?.name ?? '');
  const [values, setValues] = useState(() => valuesOf(fields, seen));
  const change = changeOf(fields, values, seen);
  const isChanged = seen === undefined || name !== seen.name || change !== '{}';
  const isAskedAgain = isSentElsewhere(fields, values, seen);
  const { atFields, rest } = toldOf(fields, save.error);

  function enterSecret(field: string, entered: SecretEntered | undefined) {
    const secrets = { ...values.secrets, [field]: entered };
    setValues({ ...values, secrets });
  }

  function send(event: SyntheticEvent) {
    event.preventDefault();
    save.mutate(
      { name, values: change },
      {
        onSuccess: (saved) => {
          warn(saved);
          onSaved(saved);
        },
      },
    );
  }

  function inputOf(field: ValueField) {
    const shared = { field, fault: atFields[field.name] };
    const entered = values.secrets[field.name];
    if (field.secret === null) {
      return (
        <FieldInput
          {...shared}
          entered={values.shown[field.name]}
          onEnter={(entered) =>
            setValues({ ...values, shown: { ...values.shown, [field.name]: entered } })
          }
        />
      );
    }
    const onEnter = (entered: SecretEntered | undefined) => enterSecret(field.name, entered);
    if (Array.isArray(entered))
      return <SecretPairs {...shared} pairs={entered} onEnter={onEnter} />;
    const isSet = seen?.secrets.includes(field.name) ?? false;
    return (
      <SecretInput
        {...shared}
        isSet={isSet}
        isAskedAgain={isAskedAgain}
        entered={entered}
        onEnter={onEnter}
      />
    );
  }

  return (
    <form noValidate autoComplete="off" onSubmit={send}>
      <Stack gap="sm">
        <TextInput
          label="Name"
          description="How it is called where workflows choose it."
          required
          maxLength={200}
          value={name}
          data-autofocus={seen === undefined || undefined}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {fields.map((field) => (
          <div key={field.name}>{inputOf(field)}</div>
        ))}
        {isAskedAgain && (
          <Text size="xs" c="var(--ff-waiting)">
            It would be sent elsewhere: enter its secrets again.
          </Text>
        )}
        {type.redirect_uri !== null && <Register address={type.redirect_uri} />}
        {rest !== null && <ErrorNotice error={rest} />}
        <Group gap="xs">
          <Button
            type="submit"
            loading={save.isPending}
            disabled={name.trim() === '' || !isChanged}
          >
            Save
          </Button>
          {children}
        </Group>
      </Stack>
    </form>
  );
}

function Register({ address }: { address: string }) {
  return (
    <Text size="xs" component="div">
      Register this address with the service, as the only one to come back to:
      <span className={classes.address}>
        <code>{address}</code>
        <CopyText text={address} />
      </span>
    </Text>
  );
}
