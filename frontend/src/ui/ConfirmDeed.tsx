import { Button } from '@mantine/core';
import type { UseMutationResult } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { ConfirmDialog } from './ConfirmDialog';

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

/** The button of a deed that cannot be undone: it asks first. */
export function ConfirmDeed({ label, about, refusal, deed, onDone, ...asked }: Props) {
  const [isAsking, setAsking] = useState(false);
  const close = () => setAsking(false);
  const done = () => {
    close();
    onDone?.();
  };
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
      <ConfirmDialog
        {...asked}
        opened={isAsking}
        isFinal
        doing={deed}
        onYes={() => deed.mutate(undefined, { onSuccess: done })}
        onClose={close}
      />
    </>
  );
}
