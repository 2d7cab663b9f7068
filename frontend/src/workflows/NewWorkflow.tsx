import { Button, Divider, Group, Modal, TextInput } from '@mantine/core';
import { Suspense, useState } from 'react';
import { useMay } from '../session/session';
import { Icon } from '../ui/Icon';
import { lazyPage } from '../ui/lazyPage';
import { ErrorNotice, LoadingNotice } from '../ui/Notices';
import { LONGEST_NAME, useMakeWorkflow } from './makeWorkflow';

const Samples = lazyPage(async () => (await import('../samples/Samples')).Samples);

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
  const [name, setName] = useState('');
  const make = useMakeWorkflow();
  return (
    <Modal opened onClose={onClose} title="New workflow" size="xl">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate({ name });
        }}
      >
        <TextInput
          data-autofocus
          label="Name"
          required
          maxLength={LONGEST_NAME}
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
      <Divider my="md" />
      <Suspense fallback={<LoadingNotice what="samples" />}>
        <Samples name={name} />
      </Suspense>
    </Modal>
  );
}
