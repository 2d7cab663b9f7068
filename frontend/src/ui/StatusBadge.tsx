import type { RunStatus, WorkflowStatus } from '../api/types';
import type { ShownStatus } from '../runs/events';
import { capitalized } from './capitalized';
import { Icon, type IconName } from './Icon';
import classes from './StatusBadge.module.css';

type Status = RunStatus | ShownStatus | WorkflowStatus;

const ICONS: Record<Status, IconName> = {
  pending: 'circle',
  running: 'spinner',
  waiting: 'clock',
  completed: 'check',
  failed: 'cross',
  cancelled: 'stop',
  stopped: 'stop',
  skipped: 'skip',
  draft: 'pencil',
  active: 'bolt',
  archived: 'archive',
};

/**
 * The status as word, sign and colour: never by colour alone. `copied`: a step that was taken over
 * from an earlier run.
 */
export function StatusBadge({ status, copied }: { status: Status; copied?: boolean }) {
  return (
    <span className={classes.badge} data-status={status}>
      <StatusSign status={status} copied={copied} />
      {copied ? 'Taken over' : wordOf(status)}
    </span>
  );
}

/** A workflow may be published and have its draft: what its status says is that nothing starts it. */
function wordOf(status: Status): string {
  return status === 'draft' ? 'Not active' : capitalized(status);
}

/** The sign alone, where the word stands elsewhere. */
export function StatusSign({ status, copied = false }: { status: Status; copied?: boolean }) {
  return (
    <span className={classes.sign} data-status={status}>
      <Icon name={copied ? 'copy' : ICONS[status]} size={13} />
    </span>
  );
}
