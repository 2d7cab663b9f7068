import { Button, Group, Modal, Stack } from '@mantine/core';
import type { UseMutationResult } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { ErrorNotice } from './Notices';

interface Props {
  /** What the button says, and to whom it is not plain, which thing it is about. */
  label: string;
  about?: string;
  /** Why it may not be done just now. */
  refusal?: string | undefined;
  /** The question, and its two answers. */
  title: string;
  yes: string;
  no: string;
  deed: UseMutationResult<unknown, Error, void>;
  onDone?: () => void;
  children: ReactNode;
}

/** A deed that cannot be undone, behind a question that says what it does. */
export function ConfirmDeed(props: Props) {
  const { label, about, refusal, title, yes, no, deed, onDone, children } = props;
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <Button
        variant="subtle"
        color="red"
        c={refusal === undefined ? 'var(--ff-failed)' : undefined}
        size="compact-sm"
        aria-label={about === undefined ? undefined : `${label} ${about}`}
        title={refusal}
        disabled={refusal !== undefined}
        onClick={() => setAsking(true)}
      >
        {label}
      </Button>
      <Modal opened={isAsking} onClose={() => setAsking(false)} title={title}>
        <Stack gap="sm" fz="sm">
          {children}
          {deed.error !== null && <ErrorNotice error={deed.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={() => setAsking(false)}>
              {no}
            </Button>
            <Button
              color="red"
              loading={deed.isPending}
              onClick={() =>
                deed.mutate(undefined, {
                  onSuccess: () => {
                    setAsking(false);
                    onDone?.();
                  },
                })
              }
            >
              {yes}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
