import { Button, Group } from '@mantine/core';
import type { GraphNode, Schedule, Workflow } from '../api/types';
import { useMay } from '../session/session';
import { Facts } from '../ui/Facts';
import { Icon } from '../ui/Icon';
import { Notice } from '../ui/Notice';
import { ErrorNotice, LoadingNotice } from '../ui/Notices';
import { fullTime } from '../ui/times';
import { useFailureNotice } from '../ui/useFailureNotice';
import { Fires } from './Fires';
import { missedOf, overlapOf } from './policies';
import { usePause, useRunSchedule, useSchedule, useTimes } from './queries';
import classes from './SchedulePart.module.css';
import { TimesList } from './TimesList';

interface Props {
  workflow: Workflow;
  node: GraphNode;
  /** Of the graph: the node's, where it names none. */
  timezone: string;
}

/** When a schedule fires, how it stands, and what became of its latest times. */
export function SchedulePart({ workflow, node, timezone }: Props) {
  const { data: schedule, error, refetch } = useSchedule(workflow.id, node.id);
  if (error !== null) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  if (schedule === undefined) return <LoadingNotice what="the schedule" />;
  const isLive = schedule !== null && schedule.state !== 'not_live';
  return (
    <>
      {isLive && <Standing schedule={schedule} />}
      <Times schedule={schedule} node={node} timezone={timezone} isLive={isLive} />
      {isLive && <Deeds schedule={schedule} />}
      {schedule !== null && <Fires schedule={schedule} />}
    </>
  );
}

/** What of it a person needs to know first. */
function Standing({ schedule }: { schedule: Schedule }) {
  switch (schedule.state) {
    case 'paused':
      return (
        <Notice tone="waiting" icon="stop" title="It is paused" role="status">
          It fires at none of its times; what comes meanwhile is not made up for.
        </Notice>
      );
    case 'late':
      return (
        <Notice tone="failed" icon="warning" title="It is late" role="status">
          {schedule.due_at !== null && `It was due at ${fullTime(schedule.due_at)}.`}
        </Notice>
      );
    case 'failed':
      return (
        <Notice tone="failed" icon="warning" title="It could not be fired" role="status">
          {schedule.error}
        </Notice>
      );
    default:
      return null;
  }
}

function Times({
  schedule,
  node,
  timezone,
  isLive,
}: Omit<Props, 'workflow'> & { schedule: Schedule | null; isLive: boolean }) {
  const { data: times, error, refetch } = useTimes(schedule, node, timezone);
  if (error !== null) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  if (times === undefined) return <LoadingNotice what="its times" />;
  const isPaused = isLive && schedule?.state === 'paused';
  const title = isPaused ? 'Once it is resumed' : 'Next times';
  return (
    <>
      <Facts
        facts={[
          ['Fires', times.sentence],
          ['Time zone', times.timezone],
          ['Missed times', missedOf(node.params)],
          ['While a run goes on', overlapOf(node.params)],
        ]}
      />
      <section>
        <h3>
          {title} <span className={classes.zone}>{times.timezone}</span>
        </h3>
        {!isLive && (
          <p className={classes.quiet}>It fires at none of them until the workflow is active.</p>
        )}
        {times.results.length === 0 && <p className={classes.quiet}>None is to come.</p>}
        <TimesList label={title} times={times} />
      </section>
    </>
  );
}

function Deeds({ schedule }: { schedule: Schedule }) {
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
        leftSection={<Icon name={isPaused ? 'play' : 'stop'} size={13} />}
        loading={pause.isPending}
        onClick={() => pause.mutate(!isPaused)}
      >
        {isPaused ? 'Resume' : 'Pause'}
      </Button>
    </Group>
  );
}
