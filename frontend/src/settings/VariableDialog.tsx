import { Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Variable } from '../api/types';
import { FormDialog } from '../ui/FormDialog';
import { useSaveVariable } from './queries';

interface Props {
  workspace: string;
  /** Undefined: a new one. */
  variable: Variable | undefined;
  onClose: () => void;
}

export function VariableDialog({ workspace, variable, onClose }: Props) {
  const save = useSaveVariable(workspace, variable);
  const [name, setName] = useState(variable?.name ?? '');
  const [value, setValue] = useState(variable?.value ?? '');
  return (
    <FormDialog
      title={variable === undefined ? 'Add variable' : `Change $vars.${variable.name}`}
      send="Save"
      isReady={name.trim() !== ''}
      sending={save}
      onSend={() => save.mutate({ name: name.trim(), value }, { onSuccess: onClose })}
      onClose={onClose}
    >
      <TextInput
        label="Name"
        description={
          variable === undefined
            ? 'As expressions say it behind “$vars.”'
            : 'Expressions that say the old name do not find a new one.'
        }
        data-autofocus={variable === undefined || undefined}
        required
        maxLength={50}
        spellCheck={false}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Textarea
        label="Value"
        size="xs"
        data-autofocus={variable !== undefined || undefined}
        maxLength={4000}
        autosize
        maxRows={12}
        value={value}
        onChange={(event) => setValue(event.currentTarget.value)}
      />
    </FormDialog>
  );
}
