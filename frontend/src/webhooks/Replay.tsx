import { Button, Menu, Text } from '@mantine/core';
import type { HookRequest, Workflow } from '../api/types';
import { useMay } from '../session/session';
import { Icon } from '../ui/Icon';
import { useFailureNotice } from '../ui/useFailureNotice';
import { useReplay } from './queries';

/** Runs the workflow as if the request came again. */
export function Replay({ request, workflow }: { request: HookRequest; workflow: Workflow }) {
  const mayReplay = useMay('operator');
  const replay = useReplay(request.id);
  useFailureNotice(replay.error, 'The request was not replayed');
  if (!mayReplay || workflow.status === 'archived') return null;
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Button
          leftSection={<Icon name="retry" size={14} />}
          rightSection={<Icon name="down" size={14} />}
          loading={replay.isPending}
        >
          Replay
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item disabled={request.run === null} onClick={() => replay.mutate('same')}>
          On the same version
          <Text size="xs" c="var(--ff-muted)">
            {request.run === null
              ? 'It has no run whose version is known'
              : 'That its first run ran'}
          </Text>
        </Menu.Item>
        <Menu.Item disabled={workflow.version === null} onClick={() => replay.mutate('published')}>
          On the published version
          <Text size="xs" c="var(--ff-muted)">
            {workflow.version === null ? 'Nothing is published yet' : `v${workflow.version}`}
          </Text>
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
