import { Icon, type IconName } from './Icon';
import classes from './StatusBadge.module.css';

interface Props {
  tone: 'pending' | 'completed' | 'failed' | 'waiting' | 'skipped';
  icon: IconName;
  title?: string;
  children: string;
}

/** A state as word, sign and colour, where it is none of a run. */
export function Badge({ tone, icon, title, children }: Props) {
  return (
    <span className={classes.badge} data-status={tone} title={title}>
      <span className={classes.sign} data-status={tone}>
        <Icon name={icon} size={13} />
      </span>
      {children}
    </span>
  );
}
