import { Button, Group } from '@mantine/core';
import { useState } from 'react';
import type { Schedule } from '../api/types';
import { useMay } from '../session/session';
import { Icon } from '../ui/Icon';
import { useFailureNotice } from '../ui/useFailureNotice';
import { BackfillDialog } from './BackfillDialog';
import { usePause, useRunSchedule } from './queries';

/** Pauses or resumes a schedule, runs it beside its times, and makes up for past ones. */
export function Deeds({ schedule }: { schedule: Schedule }) {
  const mayOperate = useMay('operator');
  const pause = usePause(schedule);
  const run = useRunSchedule(schedule);
  const [isBackfilling, setBackfilling] = useState(false);
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
      <Button
        variant="default"
        leftSection={<Icon name="clock" size={13} />}
        title="Make a run for each past time that has none"
        onClick={() => setBackfilling(true)}
      >
        Backfill…
      </Button>
      {isBackfilling && (
        <BackfillDialog schedule={schedule} onClose={() => setBackfilling(false)} />
      )}
    </Group>
  );
}
