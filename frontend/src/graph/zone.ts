import type { Graph } from '../api/types';

/** The time zones that are known here, by their names. */
export const ZONES = [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])];

/** The graph's time zone, as the server takes it. */
export function zoneOf({ settings }: Graph): string {
  return typeof settings?.timezone === 'string' ? settings.timezone : 'UTC';
}
