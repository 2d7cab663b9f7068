import { Button, Group, Modal, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import type { Workflow } from '../api/types';
import { useCreate } from '../api/useCreate';
import { useMay, useSession } from '../session/session';
import { Icon } from '../ui/Icon';
import { ErrorNotice } from '../ui/Notices';

/** Makes a workflow and opens its canvas. */
export function NewWorkflow() {
  const [isOpen, setOpen] = useState(false);
  if (!useMay('editor')) return null;
  return (
    <>
      <Button leftSection={<Icon name="plus" size={13} />} onClick={() => setOpen(true)}>
        New workflow
      </Button>
      {isOpen && <NameDialog onClose={() => setOpen(false)} />}
    </>
  );
}

function NameDialog({ onClose }: { onClose: () => void }) {
  const { workspace } = useSession();
  const navigate = useNavigate();
  const create = useCreate<Workflow>();
  const [name, setName] = useState('');
  const make = useMutation({
    mutationFn: () => create('/workflows', JSON.stringify({ name, workspace: workspace.id })),
    onSuccess: ({ id }) => navigate(`/workflows/${id}/edit`),
  });
  return (
    <Modal opened onClose={onClose} title="New workflow">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate();
        }}
      >
        <TextInput
          data-autofocus
          label="Name"
          required
          maxLength={128}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {make.error !== null && <ErrorNotice error={make.error} />}
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={onClose}>
            Not now
          </Button>
          <Button type="submit" loading={make.isPending} disabled={name.trim() === ''}>
            Make it
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
