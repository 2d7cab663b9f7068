import { Button, Group, Loader, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { ApiError } from '../api/client';
import { Notice } from './Notice';

interface ErrorProps {
  error: Error;
  onRetry?: () => void;
  children?: ReactNode;
}

/** What went wrong, in the server's words, with every fault that it named. */
export function ErrorNotice({ error, onRetry, children }: ErrorProps) {
  const faults = error instanceof ApiError ? error.faults : [];
  const isOneSentence = faults.length === 1 && faults[0]?.message === error.message;
  return (
    <Notice tone="failed" icon="warning" title={error.message} role="alert">
      {faults.length > 0 && !isOneSentence && (
        <ul style={{ margin: 0, paddingLeft: 18 }}>
          {faults.map((fault) => (
            <li key={`${fault.path} ${fault.code} ${fault.message}`}>
              {fault.path !== '' && <code>{fault.path}</code>} {fault.message}
            </li>
          ))}
        </ul>
      )}
      {children}
      {onRetry && (
        <Button variant="default" onClick={onRetry}>
          Try again
        </Button>
      )}
    </Notice>
  );
}

export function EmptyNotice({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <Stack align="center" gap={4} py={48} px="md" ta="center">
      <Text fw={600}>{title}</Text>
      {children !== undefined && (
        <Text size="sm" c="var(--ff-muted)" maw={440} component="div">
          {children}
        </Text>
      )}
    </Stack>
  );
}

export function LoadingNotice({ what }: { what: string }) {
  return (
    <Group justify="center" gap="sm" py={48} role="status">
      <Loader size="xs" />
      <Text size="sm" c="var(--ff-muted)">
        Loading {what}…
      </Text>
    </Group>
  );
}
