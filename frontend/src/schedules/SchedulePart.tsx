import type { GraphNode, Schedule, Workflow } from '../api/types';
import { Facts } from '../ui/Facts';
import { Read } from '../ui/Read';
import { Deeds } from './Deeds';
import { Fires } from './Fires';
import { missedOf, overlapOf } from './policies';
import { useSchedule, useTimes } from './queries';
import classes from './SchedulePart.module.css';
import { Standing } from './Standing';
import { TimesList } from './TimesList';

interface Props {
  workflow: Workflow;
  node: GraphNode;
  /** Of the graph: the node's, where it names none. */
  timezone: string;
}

/** When a schedule fires, how it stands, and what became of its latest times. */
export function SchedulePart({ workflow, node, timezone }: Props) {
  const schedule = useSchedule(workflow.id, node.id);
  return (
    <Read of={schedule} what="the schedule">
      {(schedule) => {
        const isLive = schedule !== null && schedule.state !== 'not_live';
        return (
          <>
            {isLive && <Standing schedule={schedule} />}
            <Times schedule={schedule} node={node} timezone={timezone} isLive={isLive} />
            {isLive && <Deeds schedule={schedule} />}
            {schedule !== null && <Fires schedule={schedule} />}
          </>
        );
      }}
    </Read>
  );
}

function Times({
  schedule,
  node,
  timezone,
  isLive,
}: Omit<Props, 'workflow'> & { schedule: Schedule | null; isLive: boolean }) {
  const times = useTimes(schedule, node, timezone);
  const isPaused = isLive && schedule?.state === 'paused';
  const title = isPaused ? 'Once it is resumed' : 'Next times';
  return (
    <Read of={times} what="its times">
      {(times) => (
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
              <p className={classes.quiet}>
                It fires at none of them until the workflow is active.
              </p>
            )}
            <TimesList label={title} times={times} />
          </section>
        </>
      )}
    </Read>
  );
}
