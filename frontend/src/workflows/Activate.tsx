import { Button } from '@mantine/core';
import type { Workflow } from '../api/types';
import { useMay } from '../session/session';
import { Icon } from '../ui/Icon';
import { useFailureNotice } from '../ui/useFailureNotice';
import { useMove } from './deeds';

/** Has the triggers of what is published start it; nothing where they do, or nothing is published. */
export function Activate({ workflow }: { workflow: Workflow }) {
  const move = useMove(workflow);
  const mayActivate = useMay('editor');
  useFailureNotice(move.error, `${workflow.name} was not activated`);
  if (!mayActivate || workflow.status !== 'draft' || workflow.version === null) return null;
  return (
    <Button
      variant="default"
      leftSection={<Icon name="bolt" size={13} />}
      title="From then on its triggers start it"
      loading={move.isPending}
      onClick={() => move.mutate('activate')}
    >
      Activate
    </Button>
  );
}
