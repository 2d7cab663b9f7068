import { Button, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Role } from '../api/types';
import { RoleSelect } from '../session/RoleSelect';
import { FormDialog } from '../ui/FormDialog';
import { Icon } from '../ui/Icon';
import { useAddMember } from './queries';

export function AddMember({ workspace }: { workspace: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button leftSection={<Icon name="plus" size={13} />} onClick={() => setOpen(true)}>
        Add member
      </Button>
      {isOpen && <Dialog workspace={workspace} onClose={() => setOpen(false)} />}
    </>
  );
}

function Dialog({ workspace, onClose }: { workspace: string; onClose: () => void }) {
  const add = useAddMember(workspace);
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  return (
    <FormDialog
      title="Add member"
      send="Add"
      isReady={email.trim() !== ''}
      sending={add}
      onSend={() => add.mutate({ email: email.trim(), role }, { onSuccess: onClose })}
      onClose={onClose}
    >
      <TextInput
        type="email"
        label="Email"
        data-autofocus
        required
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <RoleSelect label="Role" value={role} onChange={setRole} />
      <Text size="xs" c="var(--ff-muted)">
        Who has no account here yet gets one without a password. Who runs this installation sets the
        first in the admin; no mail is sent.
      </Text>
    </FormDialog>
  );
}
