import { Button, Group, Modal, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { ErrorNotice } from '../ui/Notices';

interface Props {
  title: string;
  /** What the button says that does it. */
  deed: string;
  isPending?: boolean;
  error?: Error | null;
  onDo: () => void;
  onClose: () => void;
  children: ReactNode;
}

/** Says what a deed will do, and does it only then. */
export function AskFirst(props: Props) {
  const { title, deed, isPending = false, error = null, onDo, onClose, children } = props;
  return (
    <Modal opened onClose={onClose} title={title}>
      <Text size="sm">{children}</Text>
      {error !== null && <ErrorNotice error={error} />}
      <Group justify="flex-end" gap="xs" mt="md">
        <Button variant="default" onClick={onClose}>
          Not now
        </Button>
        <Button loading={isPending} onClick={onDo}>
          {deed}
        </Button>
      </Group>
    </Modal>
  );
}
