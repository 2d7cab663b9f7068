import { Link } from 'react-router';
import type { Schedule } from '../api/types';
import { Detail } from '../ui/Detail';
import { Facts } from '../ui/Facts';
import { Read } from '../ui/Read';
import { Deeds } from './Deeds';
import { Fires } from './Fires';
import { missedOf, overlapOf } from './policies';
import { useNextTimes } from './queries';
import classes from './SchedulePart.module.css';
import { StateBadge } from './StateBadge';
import { Standing } from './Standing';
import { TimesList } from './TimesList';

interface Props {
  schedule: Schedule;
  onClose: () => void;
}

/** When a schedule fires, how it stands, and what became of its latest times. */
export function ScheduleDetail({ schedule, onClose }: Props) {
  const times = useNextTimes(schedule);
  const isLive = schedule.state !== 'not_live';
  const title = schedule.state === 'paused' ? 'Once it is resumed' : 'Next times';
  return (
    <Detail
      what="Schedule"
      title={schedule.workflow_name}
      facts={<StateBadge state={schedule.state} />}
      onClose={onClose}
    >
      <Standing schedule={schedule} />
      <Facts
        facts={[
          [
            'Workflow',
            <Link to={`/workflows/${schedule.workflow}`}>{schedule.workflow_name}</Link>,
          ],
          ['Fires', schedule.sentence],
          ['Time zone', schedule.timezone],
          ['Missed times', missedOf(schedule.rule)],
          ['While a run goes on', overlapOf(schedule.rule)],
        ]}
      />
      {isLive && <Deeds schedule={schedule} />}
      <section>
        <h3>
          {title} <span className={classes.zone}>{schedule.timezone}</span>
        </h3>
        {!isLive && (
          <p className={classes.quiet}>It fires at none of them until the workflow is active.</p>
        )}
        <Read of={times} what="its times">
          {(times) => <TimesList label={title} times={times} />}
        </Read>
      </section>
      <Fires schedule={schedule} />
    </Detail>
  );
}
