import { duration } from '../ui/times';

/**
 * Whether the times of one list are told with their seconds: all are as soon as one has some, for
 * "18:41" between "18:40:45" and "18:41:15" would not be read as a time like the others.
 */
export function haveSeconds(moments: string[]): boolean {
  return moments.some((moment) => new Date(moment).getUTCSeconds() !== 0);
}

/** "Sun 29 Mar 2026, 03:00" of a moment as the server wrote it, with its offset from UTC. */
export function localTime(local: string, withSeconds = haveSeconds([local])): string {
  // Read as if it were in UTC, so that the clock of the time zone is told as it stands there.
  return written(new Date(`${local.slice(0, 19)}Z`), 'UTC', withSeconds);
}

/** "+02:00" */
export function offsetOf(local: string): string {
  return local.slice(19);
}

/** "Sun 29 Mar 2026, 03:00" in a time zone, or in UTC, and then it says so. */
export function zonedTime(
  moment: string,
  timezone: string,
  withSeconds = haveSeconds([moment]),
): string {
  const at = new Date(moment);
  try {
    return written(at, timezone, withSeconds);
  } catch {
    // The server knows a time zone that this browser does not.
    return `${written(at, 'UTC', withSeconds)} UTC`;
  }
}

function written(at: Date, timeZone: string, withSeconds: boolean): string {
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
    ...(withSeconds ? { second: '2-digit' } : {}),
    timeZone,
  });
  return `${day.replace(',', '')}, ${time}`;
}

/** What became of the clock since the time before, in words; null: nothing. */
export function clockMove(seconds: number): string | null {
  if (seconds === 0) return null;
  return `clock put ${seconds > 0 ? 'forward' : 'back'} ${duration(Math.abs(seconds) * 1_000)}`;
}
