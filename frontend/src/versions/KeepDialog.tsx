import { Button, Group, Modal, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState, type ReactNode } from 'react';
import type { Version, Workflow } from '../api/types';
import { ErrorNotice } from '../ui/Notices';
import { useKeep } from './queries';

const NOT_ACTIVE = 'Its triggers start it once it is activated, on its page.';

interface Props {
  workflow: Workflow;
  /** Saves what is not saved yet. */
  flush: () => Promise<unknown>;
  /** Make it the published one, too. */
  isPublished: boolean;
  onClose: () => void;
  /** What is to be known first. */
  children?: ReactNode;
}

/** Keeps the draft as a version with a note, and publishes it where that is asked for. */
export function KeepDialog({ workflow, flush, isPublished, onClose, children }: Props) {
  const [note, setNote] = useState('');
  const keep = useKeep(workflow, flush);
  const send = () =>
    keep.mutate(
      { note, isPublished },
      {
        onSuccess: (kept) => {
          const hint = isPublished && workflow.status === 'draft' ? ` ${NOT_ACTIVE}` : '';
          notifications.show({ message: told(kept, note, isPublished) + hint, role: 'status' });
          onClose();
        },
      },
    );
  return (
    <Modal
      opened
      onClose={onClose}
      title={isPublished ? `Publish ${workflow.name}` : 'Keep the draft as a version'}
    >
      {children}
      <Textarea
        data-autofocus
        label={isPublished ? 'What is new' : 'Note'}
        description={
          isPublished
            ? 'Kept with the version.'
            : 'By which it is found again. What is published stays as it is.'
        }
        autosize
        minRows={2}
        maxLength={2000}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      {keep.error !== null && <ErrorNotice error={keep.error} />}
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={onClose}>
          Not now
        </Button>
        <Button loading={keep.isPending} onClick={send}>
          {isPublished ? 'Publish' : 'Keep it'}
        </Button>
      </Group>
    </Modal>
  );
}

/** What became of it: the same content is kept once, with the first note that it was given. */
function told({ version, note }: Version, typed: string, isPublished: boolean): string {
  const isOlder = note.trim() !== typed.trim();
  if (isPublished) {
    const which = isOlder ? `, which has the note “${note}” already` : '';
    return `Version ${version} is published${which}.`;
  }
  if (isOlder) return `This is version ${version} already, with the note “${note}”.`;
  return `Kept as version ${version}.`;
}
