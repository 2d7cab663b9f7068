import type { Graph } from '../api/types';

/** The graph's time zone, as the server takes it. */
export function zoneOf({ settings }: Graph): string {
  return typeof settings?.timezone === 'string' ? settings.timezone : 'UTC';
}
