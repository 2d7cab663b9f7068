import { Button, Code, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Role } from '../api/types';
import { RoleSelect } from '../session/RoleSelect';
import { CopyText } from '../ui/CopyText';
import { FormDialog } from '../ui/FormDialog';
import { Icon } from '../ui/Icon';
import { useMakeKey } from './queries';

/** Makes a key and shows it, this once. */
export function NewKey({ workspace }: { workspace: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button leftSection={<Icon name="plus" size={13} />} onClick={() => setOpen(true)}>
        New key
      </Button>
      {isOpen && <Dialog workspace={workspace} onClose={() => setOpen(false)} />}
    </>
  );
}

function Dialog({ workspace, onClose }: { workspace: string; onClose: () => void }) {
  const make = useMakeKey(workspace);
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('operator');
  const [until, setUntil] = useState('');
  if (make.data !== undefined) return <Made text={make.data.key} onClose={onClose} />;
  return (
    <FormDialog
      title="New API key"
      send="Make it"
      isReady={name.trim() !== ''}
      sending={make}
      onSend={() => make.mutate({ name: name.trim(), role, expires_at: endOf(until) })}
      onClose={onClose}
    >
      <TextInput
        label="Name"
        description="The program that will have it, and where it runs."
        placeholder="Deployment on the build server"
        data-autofocus
        required
        maxLength={200}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <RoleSelect label="Role" value={role} onChange={setRole} />
      <TextInput
        type="date"
        label="Good until"
        description="The last day, in your time. Empty: until it is revoked."
        value={until}
        onChange={(event) => setUntil(event.currentTarget.value)}
      />
    </FormDialog>
  );
}

/** The end of a day, in the time of this place. */
function endOf(day: string): string | null {
  return day === '' ? null : new Date(`${day}T23:59:59`).toISOString();
}

/** A click beside it does not close it: it would be gone. */
function Made({ text, onClose }: { text: string; onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title="The new key" closeOnClickOutside={false} size="lg">
      <Stack gap="sm">
        <Text size="sm">
          Copy it now: it is shown this once, and cannot be read again. Keep it as you keep a
          password.
        </Text>
        <Group gap="xs" wrap="nowrap">
          <Code block style={{ flex: 1, overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
            {text}
          </Code>
          <CopyText text={text} />
        </Group>
        <Text size="xs" c="var(--ff-muted)">
          Programs send it as <code>Authorization: Bearer …</code>; see{' '}
          <a href="/api/v1/docs">the API</a>.
        </Text>
        <Group justify="flex-end">
          <Button onClick={onClose}>I have it</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
