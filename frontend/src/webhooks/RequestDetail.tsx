import { Link } from 'react-router';
import type { HookRequestDetail, RunStatus, Workflow } from '../api/types';
import { Detail } from '../ui/Detail';
import { Read } from '../ui/Read';
import { StatusBadge } from '../ui/StatusBadge';
import { fullTime, shortTime } from '../ui/times';
import { useRequest } from './queries';
import { Replay } from './Replay';
import classes from './RequestDetail.module.css';
import { RequestParts } from './RequestParts';

interface Props {
  id: string;
  workflow: Workflow;
  onClose: () => void;
}

/** A request of the inbox as it came, and the runs that it made. */
export function RequestDetail({ id, workflow, onClose }: Props) {
  const reading = useRequest(id, workflow.id);
  const request = reading.data;
  return (
    <Detail
      what="Request"
      title={request === undefined ? 'Request' : `${request.method} /hooks/${request.path}`}
      facts={
        request !== undefined && (
          <>
            <span>{fullTime(request.received_at)}</span>
            {request.address !== '' && <span>from {request.address}</span>}
          </>
        )
      }
      onClose={onClose}
    >
      <Read of={reading} what="the request">
        {(request) => (
          <>
            <Runs request={request} workflow={workflow} />
            <RequestParts request={request} />
          </>
        )}
      </Read>
    </Detail>
  );
}

function Runs({ request, workflow }: { request: HookRequestDetail; workflow: Workflow }) {
  const { run, run_status, replays } = request;
  return (
    <section>
      <div className={classes.head}>
        <h3>Runs</h3>
        <Replay request={request} workflow={workflow} />
      </div>
      <ul className={classes.runs}>
        {run !== null && run_status !== null && (
          <RunLine run={run} status={run_status} said="the first" />
        )}
        {run === null && <li className={classes.quiet}>None of its own, or it was deleted.</li>}
        {replays.map((replay) => (
          <RunLine
            key={replay.run}
            run={replay.run}
            status={replay.run_status}
            said={`replay on v${replay.version}, ${shortTime(replay.created_at)}`}
          />
        ))}
      </ul>
    </section>
  );
}

function RunLine({ run, status, said }: { run: string; status: RunStatus; said: string }) {
  return (
    <li>
      <StatusBadge status={status} />{' '}
      <Link to={`/runs/${run}`}>
        <code>{run.slice(-8)}</code>
      </Link>{' '}
      <span className={classes.quiet}>{said}</span>
    </li>
  );
}
