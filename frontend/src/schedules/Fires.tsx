import { Link } from 'react-router';
import type { Fire, Schedule } from '../api/types';
import { Read } from '../ui/Read';
import { StatusBadge } from '../ui/StatusBadge';
import { fullTime } from '../ui/times';
import { useFires } from './queries';
import classes from './SchedulePart.module.css';
import { haveSeconds, zonedTime } from './zoned';

/** What became of its latest times, by the clock of its time zone. */
export function Fires({ schedule }: { schedule: Schedule }) {
  const fires = useFires(schedule);
  return (
    <section>
      <h3>
        Last times <span className={classes.zone}>{schedule.timezone}</span>
      </h3>
      <Read of={fires} what="its last times">
        {({ results }) => <Latest fires={results} timezone={schedule.timezone} />}
      </Read>
    </section>
  );
}

function Latest({ fires, timezone }: { fires: Fire[]; timezone: string }) {
  if (fires.length === 0) return <p className={classes.quiet}>It has not fired yet.</p>;
  const withSeconds = haveSeconds(fires.map(({ slot }) => slot));
  return (
    <ol className={classes.times} aria-label="Last times">
      {fires.map((fire) => (
        <li key={fire.id} title={`For you: ${fullTime(fire.slot)}`}>
          <span>{zonedTime(fire.slot, timezone, withSeconds)}</span>
          {fire.is_backfill && <span className={classes.offset}> backfill</span>}
          <span className={classes.move}>
            <Became fire={fire} timezone={timezone} />
          </span>
        </li>
      ))}
    </ol>
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
