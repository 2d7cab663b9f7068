import { duration } from '../ui/times';

/** "Sun 29 Mar 2026, 03:00" of a moment as the server wrote it, with its offset from UTC. */
export function localTime(local: string): string {
  // Read as if it were in UTC, so that the clock of the time zone is told as it stands there.
  return written(new Date(`${local.slice(0, 19)}Z`), 'UTC');
}

/** "+02:00" */
export function offsetOf(local: string): string {
  return local.slice(19);
}

/** "Sun 29 Mar 2026, 03:00" in a time zone, or in UTC, and then it says so. */
export function zonedTime(moment: string, timezone: string): string {
  const at = new Date(moment);
  try {
    return written(at, timezone);
  } catch {
    // The server knows a time zone that this browser does not.
    return `${written(at, 'UTC')} UTC`;
  }
}

function written(at: Date, timeZone: string): string {
  const day = at.toLocaleDateString('en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone,
  });
  const time = at.toLocaleTimeString('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    ...(at.getUTCSeconds() === 0 ? {} : { second: '2-digit' }),
    timeZone,
  });
  return `${day.replace(',', '')}, ${time}`;
}

/** What became of the clock since the time before, in words; null: nothing. */
export function clockMove(seconds: number): string | null {
  if (seconds === 0) return null;
  return `clock put ${seconds > 0 ? 'forward' : 'back'} ${duration(Math.abs(seconds) * 1_000)}`;
}
