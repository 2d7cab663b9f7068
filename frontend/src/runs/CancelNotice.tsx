import type { Run } from '../api/types';
import { Notice } from '../ui/Notice';
import { fullTime, shortTime } from '../ui/times';
import { isFinished } from './events';

interface Props {
  cancel: NonNullable<Run['cancel']>;
  status: Run['status'];
}

/** How far a cancel has come; of a run that has ended, only where force was needed. */
export function CancelNotice({ cancel, status }: Props) {
  const { asked_at, asked_by_email, acknowledged_at, forced_at } = cancel;
  if (isFinished(status) && forced_at === null) return null;
  return (
    <Notice tone="stopped" icon="stop" title={titleOf(cancel, status)}>
      <span title={fullTime(asked_at)}>
        Asked {asked_by_email !== null && `by ${asked_by_email} `}at {shortTime(asked_at)}
      </span>
      {acknowledged_at !== null && (
        <span title={fullTime(acknowledged_at)}>
          {' · '}acknowledged at {shortTime(acknowledged_at)}: nothing more begins
        </span>
      )}
      {forced_at !== null && (
        <span title={fullTime(forced_at)}>
          {' · '}forced at {shortTime(forced_at)}: its worker did not let go
        </span>
      )}
    </Notice>
  );
}

function titleOf({ acknowledged_at, forced_at }: Props['cancel'], status: Props['status']): string {
  if (isFinished(status)) return 'The cancel was forced';
  if (forced_at !== null) return 'The cancel is forced';
  return acknowledged_at === null ? 'A cancel is asked for' : 'The run comes to its end';
}
