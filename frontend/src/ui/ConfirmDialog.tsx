import { Button, Group, Modal, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { ErrorNotice } from './Notices';

interface Props {
  opened?: boolean;
  /** The question, and its two answers. */
  title: string;
  yes: string;
  no?: string;
  /** What is done cannot be undone. */
  isFinal?: boolean;
  doing?: { isPending: boolean; error: Error | null };
  onYes: () => void;
  onClose: () => void;
  children: ReactNode;
}

/** Says what a deed will do, and does it only then. */
export function ConfirmDialog(props: Props) {
  const { opened = true, title, yes, no = 'Not now', isFinal, doing, onYes, onClose } = props;
  return (
    <Modal opened={opened} onClose={onClose} title={title}>
      <Stack gap="sm" fz="sm">
        <div>{props.children}</div>
        {doing?.error != null && <ErrorNotice error={doing.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {no}
          </Button>
          <Button
            {...(isFinal && { color: 'red' })}
            loading={doing?.isPending ?? false}
            onClick={onYes}
          >
            {yes}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
