/** How times and durations are written on these pages. */

const DAY_MS = 86_400_000;

/** "14:03:22" today, "Mar 4, 14:03" within a year, else with the year. */
export function shortTime(iso: string, now: Date = new Date()): string {
  const at = new Date(iso);
  if (at.toDateString() === now.toDateString()) {
    return at.toLocaleTimeString('en-GB');
  }
  const sameYear = at.getFullYear() === now.getFullYear();
  const day = at.toLocaleDateString('en-US', {
    month: 'short',
    day: 'numeric',
    ...(sameYear ? {} : { year: 'numeric' }),
  });
  return `${day}, ${at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })}`;
}

/** The whole time, for a tooltip. */
export function fullTime(iso: string): string {
  return new Date(iso).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'long' });
}

export function isOver(iso: string, now = Date.now()): boolean {
  return Date.parse(iso) <= now;
}

/** "14:03:22.118": console lines are compared by the millisecond. */
export function clockTime(iso: string): string {
  const at = new Date(iso);
  const ms = String(at.getMilliseconds()).padStart(3, '0');
  return `${at.toLocaleTimeString('en-GB')}.${ms}`;
}

/** "340 ms", "2.4 s", "3 min 20 s", "2 h 5 min", "4 d 3 h". */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${Number((ms / 1_000).toFixed(1))} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) return both(seconds, 60, 'min', 1, 's');
  if (ms < DAY_MS) return both(seconds, 3_600, 'h', 60, 'min');
  return both(seconds, 86_400, 'd', 3_600, 'h');
}

function both(seconds: number, large: number, largeName: string, small: number, smallName: string) {
  const rest = Math.floor((seconds % large) / small);
  return `${Math.floor(seconds / large)} ${largeName}` + (rest > 0 ? ` ${rest} ${smallName}` : '');
}

export function between(from: string | null, to: string | null): string {
  if (from === null || to === null) return '–';
  return duration(Math.max(0, Date.parse(to) - Date.parse(from)));
}

/** "2026-03-01T14:30" by the person's own clock, as the browser's field for a time has it. */
export function fieldOf(moment: string | null): string {
  const at = new Date(moment ?? '');
  return Number.isNaN(at.getTime()) ? '' : fieldTime(at).slice(0, 16);
}

/** The same with seconds where there are some. */
export function fieldTime(at: Date): string {
  const two = (part: number, length = 2) => String(part).padStart(length, '0');
  const day = [two(at.getFullYear(), 4), two(at.getMonth() + 1), two(at.getDate())].join('-');
  const clock = [
    at.getHours(),
    at.getMinutes(),
    ...(at.getSeconds() === 0 ? [] : [at.getSeconds()]),
  ];
  return `${day}T${clock.map((part) => two(part)).join(':')}`;
}

/** The moment that such a field means; null where it is empty. */
export function momentOf(field: string): string | null {
  const at = new Date(field);
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
}
