import { Button, Group } from '@mantine/core';
import type { Schedule } from '../api/types';
import { useMay } from '../session/session';
import { Icon } from '../ui/Icon';
import { useFailureNotice } from '../ui/useFailureNotice';
import { usePause, useRunSchedule } from './queries';

/** Pauses or resumes a schedule, and runs it beside its times. */
export function Deeds({ schedule }: { schedule: Schedule }) {
  const mayOperate = useMay('operator');
  const pause = usePause(schedule);
  const run = useRunSchedule(schedule);
  const isPaused = schedule.state === 'paused';
  useFailureNotice(pause.error, isPaused ? 'It is still paused' : 'It was not paused');
  useFailureNotice(run.error, 'It was not run');
  if (!mayOperate) return null;
  return (
    <Group gap="xs">
      <Button
        variant="default"
        leftSection={<Icon name="play" size={13} />}
        title="Beside its times, with the item that they give"
        loading={run.isPending}
        onClick={() => run.mutate()}
      >
        Run the schedule now
      </Button>
      <Button
        variant="default"
        leftSection={<Icon name={isPaused ? 'play' : 'pause'} size={13} />}
        loading={pause.isPending}
        onClick={() => pause.mutate(!isPaused)}
      >
        {isPaused ? 'Resume' : 'Pause'}
      </Button>
    </Group>
  );
}
