import type { ScheduleTimes } from '../api/types';
import { Icon } from '../ui/Icon';
import { fullTime } from '../ui/times';
import classes from './SchedulePart.module.css';
import { clockMove, haveSeconds, localTime, offsetOf } from './zoned';

/** Times to come, by the clock of their zone, and where that clock is put. */
export function TimesList({ label, times }: { label: string; times: ScheduleTimes }) {
  if (times.results.length === 0) return <p className={classes.quiet}>None is to come.</p>;
  const withSeconds = haveSeconds(times.results.map(({ at }) => at));
  return (
    <ol className={classes.times} aria-label={label}>
      {times.results.map(({ at, local, clock_moved_s }) => {
        const move = clockMove(clock_moved_s);
        return (
          <li key={at} title={`For you: ${fullTime(at)}`}>
            <span>{localTime(local, withSeconds)}</span>{' '}
            <span className={classes.offset}>{offsetOf(local)}</span>
            {move !== null && (
              <span className={classes.move} data-status="waiting">
                <Icon name="clock" size={12} /> {move}
              </span>
            )}
          </li>
        );
      })}
    </ol>
  );
}
