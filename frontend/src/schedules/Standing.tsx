import type { Schedule } from '../api/types';
import { Notice } from '../ui/Notice';
import { fullTime } from '../ui/times';

/** What of it a person needs to know first. */
export function Standing({ schedule }: { schedule: Schedule }) {
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
