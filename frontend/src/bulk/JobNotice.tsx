import { Button, Progress } from '@mantine/core';
import { Link } from 'react-router';
import type { BulkJobDetail } from '../api/types';
import { useMay } from '../session/session';
import { counted } from '../ui/counted';
import { Notice } from '../ui/Notice';
import { ErrorNotice } from '../ui/Notices';
import { useFailureNotice } from '../ui/useFailureNotice';
import { useJob, useStop } from './queries';

const LOOKS = {
  running: { tone: 'waiting', icon: 'spinner' },
  done: { tone: 'completed', icon: 'check' },
  stopped: { tone: 'stopped', icon: 'stop' },
} as const;

/** How far a job over many runs has come; it can be stopped, and put away once it has ended. */
export function JobNotice({ id, onClose }: { id: string; onClose?: (() => void) | undefined }) {
  const { data: job, error } = useJob(id);
  const stop = useStop(id);
  const mayStop = useMay('operator');
  useFailureNotice(stop.error, 'The job was not stopped');
  if (job === undefined) return error !== null ? <ErrorNotice error={error} /> : null;
  const { to_do, done, refused } = job.runs;
  const total = to_do + done + refused;
  return (
    <Notice
      {...LOOKS[job.status]}
      role="status"
      title={titleOf(job, total)}
      deed={
        job.status === 'running'
          ? mayStop && (
              <Button
                variant="default"
                size="compact-sm"
                loading={stop.isPending}
                onClick={() => stop.mutate()}
              >
                Stop
              </Button>
            )
          : onClose && (
              <Button variant="subtle" size="compact-sm" onClick={onClose}>
                Close
              </Button>
            )
      }
    >
      {job.status === 'running' && (
        <Progress
          w="100%"
          value={total === 0 ? 0 : (100 * (done + refused)) / total}
          aria-label="Runs done"
        />
      )}
      {job.stopped_because}
      {refused > 0 && <Refusals job={job} />}
    </Notice>
  );
}

const WORDS: Record<BulkJobDetail['deed'], { doing: string; done: string }> = {
  cancel: { doing: 'Asking runs to cancel', done: 'asked to cancel' },
  retry: { doing: 'Retrying runs', done: 'retried' },
  mark_failed: { doing: 'Marking runs as failed', done: 'marked as failed' },
  delete: { doing: 'Deleting runs', done: 'deleted' },
};

function titleOf({ deed, status, runs }: BulkJobDetail, total: number): string {
  const words = WORDS[deed];
  const ofAll = `${runs.done.toLocaleString('en-US')} of ${counted(total, 'run')}`;
  if (status === 'running') {
    return `${words.doing}: ${ofAll} done`;
  }
  if (status === 'stopped') return `Stopped: ${ofAll} ${words.done}`;
  return `${counted(runs.done, 'run')} ${words.done}`;
}

/** The first runs to which it could not be done, and why. */
function Refusals({ job: { runs, refusals } }: { job: BulkJobDetail }) {
  return (
    <details>
      <summary>{counted(runs.refused, 'run')} refused</summary>
      <ul style={{ margin: 0, paddingLeft: 18 }}>
        {refusals.map(({ run, error }) => (
          <li key={run}>
            <Link to={`/runs/${run}`}>{run.slice(-8)}</Link>: {error}
          </li>
        ))}
      </ul>
    </details>
  );
}
