import { Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { UseMutationResult } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { CredentialDetail, CredentialSaved, CredentialType } from '../api/types';
import { FormDialog } from '../ui/FormDialog';
import { SecretInput } from './SecretInput';
import { SecretPairs } from './SecretPairs';
import { toldOf, warn } from './told';
import { changeOf, valueFieldsOf, valuesOf, type SecretEntered } from './values';

interface Props {
  type: CredentialType;
  seen: CredentialDetail;
  rotation: UseMutationResult<CredentialSaved, Error, { values: string; url: string }>;
  onRotated: (saved: CredentialSaved) => void;
  onClose: () => void;
}

/** Asks for new secrets under the same name, which are tried before they are kept. */
export function RotateDialog({ type, seen, rotation, onRotated, onClose }: Props) {
  const fields = useMemo(
    () => valueFieldsOf(type.schema).filter(({ secret }) => secret !== null),
    [type],
  );
  const [values, setValues] = useState(() => valuesOf(fields, seen));
  const [url, setUrl] = useState('');
  const change = changeOf(fields, values, seen);
  const { atFields, rest } = toldOf(fields, rotation.error);
  const onEnter = (name: string) => (entered: SecretEntered | undefined) =>
    setValues({ ...values, secrets: { ...values.secrets, [name]: entered } });

  function send() {
    rotation.mutate(
      { values: change, url: url.trim() },
      {
        onSuccess: (saved) => {
          notifications.show({ message: `“${saved.name}” has new secrets`, role: 'status' });
          warn(saved);
          onRotated(saved);
        },
      },
    );
  }

  return (
    <FormDialog
      title={`New secrets of “${seen.name}”`}
      send={type.trial === 'service' || url.trim() !== '' ? 'Try, then keep' : 'Keep'}
      isReady={change !== '{}'}
      sending={{ isPending: rotation.isPending, error: rest }}
      onSend={send}
      onClose={onClose}
    >
      <Text size="sm">{TRIED[type.trial]} Secrets that are left empty stay.</Text>
      {fields.map((field) => {
        const shared = { field: { ...field, isRequired: false }, fault: atFields[field.name] };
        const entered = values.secrets[field.name];
        return Array.isArray(entered) ? (
          <SecretPairs key={field.name} {...shared} pairs={entered} onEnter={onEnter(field.name)} />
        ) : (
          <SecretInput
            key={field.name}
            {...shared}
            isSet={seen.secrets.includes(field.name)}
            isAskedAgain
            entered={entered}
            onEnter={onEnter(field.name)}
          />
        );
      })}
      {type.trial === 'url' && (
        <TextInput
          type="url"
          label="Try on this URL"
          description="Is read (GET) with the new secrets; only its status is looked at."
          value={url}
          onChange={(event) => setUrl(event.currentTarget.value)}
        />
      )}
    </FormDialog>
  );
}

const TRIED: Record<CredentialType['trial'], string> = {
  service: 'They are tried on the service first; those in use stay where it does not take them.',
  url: 'With a URL they are tried on it first; without one they are kept untried.',
  none: 'They are kept untried: what they are for cannot be asked without doing something.',
};
