import { Button, Group, Modal, Stack, TagsInput, TextInput } from '@mantine/core';
import { useState, type SyntheticEvent } from 'react';
import type { Workflow } from '../api/types';
import { ErrorNotice } from '../ui/Notices';
import { useChange } from './deeds';
import { LONGEST_NAME } from './makeWorkflow';
import { useTags } from './queries';

const MOST_TAGS = 20;

interface Props {
  workflow: Workflow;
  onClose: () => void;
}

/** What a workflow is called and found by. */
export function DetailsDialog({ workflow, onClose }: Props) {
  const change = useChange(workflow);
  const known = useTags(workflow.workspace).data ?? [];
  const [name, setName] = useState(workflow.name);
  const [tags, setTags] = useState(workflow.tags);

  function send(event: SyntheticEvent) {
    event.preventDefault();
    const asked = { ...(name !== workflow.name && { name }), tags };
    change.mutate(asked, { onSuccess: onClose });
  }

  return (
    <Modal opened onClose={onClose} title="Name and tags">
      <form onSubmit={send}>
        <Stack gap="sm">
          <TextInput
            label="Name"
            required
            maxLength={LONGEST_NAME}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <TagsInput
            label="Tags"
            description="Words by which it is found. Enter ends each."
            data={known}
            value={tags}
            maxTags={MOST_TAGS}
            acceptValueOnBlur
            onChange={(all) => setTags(all.map((tag) => tag.toLowerCase()))}
          />
          {change.error !== null && <ErrorNotice error={change.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Not now
            </Button>
            <Button type="submit" loading={change.isPending} disabled={name.trim() === ''}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
