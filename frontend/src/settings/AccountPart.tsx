import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useSession } from '../session/session';
import { capitalized } from '../ui/capitalized';
import { Facts } from '../ui/Facts';
import { FormDialog } from '../ui/FormDialog';
import { Icon } from '../ui/Icon';
import { Panel } from '../ui/Panel';
import { useMakeWorkspace } from './queries';
import { SessionsSection } from './SessionsSection';
import classes from './settings.module.css';

/** Who one is here, and in which workspaces. */
export function AccountPart() {
  const { me } = useSession();
  const [isOpen, setOpen] = useState(false);
  return (
    <Panel>
      <section className={classes.section}>
        <h2>Who you are</h2>
        <Facts
          facts={[
            ['Email', me.email],
            [
              'Password',
              me.is_staff ? (
                <a href="/admin/password_change/">Change it in the admin</a>
              ) : (
                <a href="/account/password-reset">Set a new one by a link in a mail</a>
              ),
            ],
          ]}
        />
      </section>
      <SessionsSection />
      <section className={classes.section}>
        <h2>Your workspaces</h2>
        <p>
          Each has workflows, credentials, members and keys of its own: nothing of one is seen in
          another.
        </p>
        <Facts facts={me.workspaces.map(({ name, role }) => [name, capitalized(role)])} />
        <Button
          variant="default"
          leftSection={<Icon name="plus" size={13} />}
          onClick={() => setOpen(true)}
        >
          New workspace
        </Button>
      </section>
      {isOpen && <NewWorkspace onClose={() => setOpen(false)} />}
    </Panel>
  );
}

function NewWorkspace({ onClose }: { onClose: () => void }) {
  const { selectWorkspace } = useSession();
  const navigate = useNavigate();
  const make = useMakeWorkspace();
  const [name, setName] = useState('');
  return (
    <FormDialog
      title="New workspace"
      send="Make it"
      isReady={name.trim() !== ''}
      sending={make}
      onSend={() =>
        make.mutate(name.trim(), {
          onSuccess: ({ id }) => {
            selectWorkspace(id);
            onClose();
            void navigate('/workflows');
          },
        })
      }
      onClose={onClose}
    >
      <TextInput
        label="Name"
        description="You are its admin, and add others."
        data-autofocus
        required
        maxLength={128}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
    </FormDialog>
  );
}
