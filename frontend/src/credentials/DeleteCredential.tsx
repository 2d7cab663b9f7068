import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { CredentialDetail } from '../api/types';
import { ErrorNotice } from '../ui/Notices';
import { useDeleteCredential } from './queries';
import { UsedBy } from './UsedBy';

interface Props {
  credential: CredentialDetail;
  onDeleted: () => void;
}

/** Deletes it after a question that says which workflows it would be missing in. */
export function DeleteCredential({ credential, onDeleted }: Props) {
  const [isAsking, setAsking] = useState(false);
  const removal = useDeleteCredential(credential.id);
  const isUsed = credential.used_by.length > 0;
  return (
    <>
      <Button variant="subtle" color="red" c="var(--ff-failed)" onClick={() => setAsking(true)}>
        Delete…
      </Button>
      <Modal
        opened={isAsking}
        onClose={() => setAsking(false)}
        title={`Delete “${credential.name}”?`}
      >
        <Stack gap="sm">
          {isUsed ? (
            <>
              <Text size="sm">
                These workflows name it. Their steps fail without it, until another is chosen there:
              </Text>
              <UsedBy uses={credential.used_by} />
            </>
          ) : (
            <Text size="sm">No workflow names it. Its secrets are gone for good.</Text>
          )}
          {removal.error !== null && <ErrorNotice error={removal.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={() => setAsking(false)}>
              Keep it
            </Button>
            <Button
              color="red"
              loading={removal.isPending}
              onClick={() => removal.mutate(undefined, { onSuccess: onDeleted })}
            >
              {isUsed ? 'Delete all the same' : 'Delete'}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
