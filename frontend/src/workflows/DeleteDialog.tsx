import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useLocation, useNavigate } from 'react-router';
import type { Workflow } from '../api/types';
import { ErrorNotice } from '../ui/Notices';
import { useDelete } from './deeds';

interface Props {
  workflow: Workflow;
  onClose: () => void;
}

/** Deletes a workflow for ever, after a question. The server refuses where it ever ran. */
export function DeleteDialog({ workflow, onClose }: Props) {
  const remove = useDelete(workflow);
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const leave = () => (pathname === '/workflows' ? onClose() : void navigate('/workflows'));
  return (
    <Modal opened onClose={onClose} title={`Delete “${workflow.name}”?`}>
      <Stack gap="sm">
        <Text size="sm">
          Its draft and all its versions are gone for ever. One that ever ran is not deleted, for
          its runs are kept: archive it instead.
        </Text>
        {remove.error !== null && <ErrorNotice error={remove.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Keep it
          </Button>
          <Button
            color="red"
            loading={remove.isPending}
            onClick={() => remove.mutate(undefined, { onSuccess: leave })}
          >
            Delete
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
