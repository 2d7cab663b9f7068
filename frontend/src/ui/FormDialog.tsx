import { Button, Group, Modal, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { ErrorNotice } from './Notices';

interface Props {
  title: string;
  /** What the button says that sends it. */
  send: string;
  isReady: boolean;
  sending: { isPending: boolean; error: Error | null };
  onSend: () => void;
  onClose: () => void;
  children: ReactNode;
}

/** A short form over the page. */
export function FormDialog({ title, send, isReady, sending, onSend, onClose, children }: Props) {
  return (
    <Modal opened onClose={onClose} title={title}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) onSend();
        }}
      >
        <Stack gap="sm">
          {children}
          {sending.error !== null && <ErrorNotice error={sending.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Not now
            </Button>
            <Button type="submit" loading={sending.isPending} disabled={!isReady}>
              {send}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
