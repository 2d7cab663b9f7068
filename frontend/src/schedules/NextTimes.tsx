import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { post } from '../api/client';
import { stringifyExact } from '../api/exactJson';
import type { Json, ScheduleTimes } from '../api/types';
import classes from './SchedulePart.module.css';
import { TimesList } from './TimesList';

const QUIET_MS = 400;
const SHOWN = 5;

interface Props {
  params: Record<string, Json>;
  /** Of the graph: the schedule's, where it names none. */
  timezone: string;
}

/** When a schedule of these params would fire, a moment after they were typed. */
export function NextTimes({ params, timezone }: Props) {
  const [asked] = useDebouncedValue(stringifyExact({ params, timezone }), QUIET_MS);
  const { data: times } = useQuery({
    queryKey: ['schedule-preview', 'typed', asked],
    queryFn: () => post<ScheduleTimes>('/schedules/preview', asked),
    // What is wrong with the params stands at their fields.
    retry: false,
  });
  if (times === undefined) return null;
  return (
    <section className={classes.next}>
      <h3>
        Next times <span className={classes.zone}>{times.timezone}</span>
      </h3>
      <p className={classes.quiet}>{times.sentence}</p>
      <TimesList label="Next times" times={{ ...times, results: times.results.slice(0, SHOWN) }} />
    </section>
  );
}
