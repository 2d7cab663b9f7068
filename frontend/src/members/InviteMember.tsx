import { Button, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Role } from '../api/types';
import { RoleSelect } from '../session/RoleSelect';
import { FormDialog } from '../ui/FormDialog';
import { Icon } from '../ui/Icon';
import { HandOver } from './HandOver';
import { useInvite } from './invitations';

/** Invites somebody by address; where no mail is sent, their link is shown, this once. */
export function InviteMember({ workspace }: { workspace: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button leftSection={<Icon name="plus" size={13} />} onClick={() => setOpen(true)}>
        Invite member
      </Button>
      {isOpen && <Dialog workspace={workspace} onClose={() => setOpen(false)} />}
    </>
  );
}

function Dialog({ workspace, onClose }: { workspace: string; onClose: () => void }) {
  const invite = useInvite(workspace);
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  if (invite.data?.link) {
    return <HandOver email={invite.data.email} link={invite.data.link} onClose={onClose} />;
  }
  return (
    <FormDialog
      title="Invite member"
      send="Invite"
      isReady={email.trim() !== ''}
      sending={invite}
      onSend={() =>
        invite.mutate(
          { email: email.trim(), role },
          { onSuccess: ({ link }) => link === null && onClose() },
        )
      }
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
        They get a link that works once, for a week, and are a member as soon as they accept. Who
        has no account here yet sets a password then.
      </Text>
    </FormDialog>
  );
}
