import { Button, Group, Modal, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { post } from '../api/client';
import type { Version } from '../api/types';
import { useCreate } from '../api/useCreate';
import { ErrorNotice } from '../ui/Notices';
import { useEditing } from './context';

/** Keeps the draft as a version and makes it the published one. */
export function PublishDialog({ onClose }: { onClose: () => void }) {
  const { workflow, saver } = useEditing();
  const queryClient = useQueryClient();
  const create = useCreate<Version>();
  const [note, setNote] = useState('');
  const publish = useMutation({
    mutationFn: async () => {
      await saver.flush();
      const path = `/workflows/${workflow.id}`;
      const { version } = await create(`${path}/versions`, JSON.stringify({ note }));
      await post(`${path}/publish`, JSON.stringify({ version }));
      await queryClient.invalidateQueries({ queryKey: ['workflow', workflow.id] });
    },
    onSuccess: onClose,
  });
  return (
    <Modal opened onClose={onClose} title={`Publish ${workflow.name}`}>
      <Textarea
        data-autofocus
        label="What is new"
        description="Kept with the version."
        autosize
        minRows={2}
        maxLength={2000}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      {publish.error !== null && <ErrorNotice error={publish.error} />}
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={onClose}>
          Not now
        </Button>
        <Button loading={publish.isPending} onClick={() => publish.mutate()}>
          Publish
        </Button>
      </Group>
    </Modal>
  );
}
