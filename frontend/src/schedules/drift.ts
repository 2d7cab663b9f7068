import { duration } from '../ui/times';

/** How long after its time it fired: "+40 ms". Clocks of two machines may differ by less than that. */
export function drift({ slot, fired_at }: { slot: string; fired_at: string }): string {
  return `+${duration(Math.max(0, Date.parse(fired_at) - Date.parse(slot)))}`;
}
