import type { Schedule } from '../api/types';
import { Icon, type IconName } from '../ui/Icon';
import badge from '../ui/StatusBadge.module.css';

export const STATES: Record<Schedule['state'], string> = {
  on_time: 'On time',
  new: 'New',
  late: 'Late',
  failed: 'Failed',
  paused: 'Paused',
  ended: 'Ended',
  not_live: 'Not live',
};

const SIGNS: Record<Schedule['state'], [IconName, tone: string]> = {
  on_time: ['check', 'completed'],
  new: ['clock', 'draft'],
  late: ['warning', 'waiting'],
  failed: ['cross', 'failed'],
  paused: ['pause', 'waiting'],
  ended: ['stop', 'stopped'],
  not_live: ['pencil', 'draft'],
};

/** How a schedule is doing, as word, sign and colour. */
export function StateBadge({ state }: { state: Schedule['state'] }) {
  const [icon, tone] = SIGNS[state];
  return (
    <span className={badge.badge} data-status={tone}>
      <span className={badge.sign} data-status={tone}>
        <Icon name={icon} size={13} />
      </span>
      {STATES[state]}
    </span>
  );
}
