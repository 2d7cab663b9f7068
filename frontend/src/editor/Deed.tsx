import { ActionIcon } from '@mantine/core';
import { Icon, type IconName } from '../ui/Icon';
import type { Action } from './action';
import { shown } from './keys';

/** The button of a deed, as an icon that tells its key. */
export function Deed({ action, icon }: { action: Action | undefined; icon: IconName }) {
  if (action === undefined) return null;
  const [key] = action.keys;
  return (
    <ActionIcon
      variant="default"
      aria-label={action.label}
      title={key === undefined ? action.label : `${action.label} (${shown(key)})`}
      disabled={!action.isPossible}
      onClick={action.run}
    >
      <Icon name={icon} size={14} />
    </ActionIcon>
  );
}
