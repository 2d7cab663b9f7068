import { Link } from 'react-router';
import type { Fire, Schedule } from '../api/types';
import { ErrorNotice } from '../ui/Notices';
import { StatusBadge } from '../ui/StatusBadge';
import { fullTime } from '../ui/times';
import { useFires } from './queries';
import classes from './SchedulePart.module.css';
import { haveSeconds, zonedTime } from './zoned';

/** What became of its latest times, by the clock of its time zone. */
export function Fires({ schedule }: { schedule: Schedule }) {
  const { data: fires, error, refetch } = useFires(schedule);
  if (error !== null) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  if (fires === undefined) return null;
  const withSeconds = haveSeconds(fires.results.map(({ slot }) => slot));
  return (
    <section>
      <h3>
        Last times <span className={classes.zone}>{schedule.timezone}</span>
      </h3>
      {fires.results.length === 0 && <p className={classes.quiet}>It has not fired yet.</p>}
      <ol className={classes.times} aria-label="Last times">
        {fires.results.map((fire) => (
          <li key={fire.id} title={`For you: ${fullTime(fire.slot)}`}>
            <span>{zonedTime(fire.slot, schedule.timezone, withSeconds)}</span>
            {fire.is_backfill && <span className={classes.offset}> backfill</span>}
            <span className={classes.move}>
              <Became fire={fire} timezone={schedule.timezone} />
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Became({ fire, timezone }: { fire: Fire; timezone: string }) {
  switch (fire.outcome) {
    case 'missed':
      return fire.missed_from === null || fire.missed_from === fire.slot
        ? 'missed'
        : `missed, all from ${zonedTime(fire.missed_from, timezone)}`;
    case 'queued':
      return 'queued until the run before has ended';
    case 'overlapped':
      return 'left out: the run before had not ended';
    case 'fired':
      if (fire.run === null || fire.run_status === null) return 'its run was deleted';
      return (
        <Link to={`/runs/${fire.run}`} aria-label={`Its run: ${fire.run_status}`}>
          <StatusBadge status={fire.run_status} />
        </Link>
      );
  }
}
