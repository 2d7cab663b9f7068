import { Button, Select } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import type { RunStatus } from '../api/types';
import { BulkDialog } from '../bulk/BulkDialog';
import { JobNotice } from '../bulk/JobNotice';
import { useRunningJobs } from '../bulk/queries';
import { HoldNotice } from '../holds/HoldNotice';
import { Pause } from '../holds/Pause';
import { useMay, useSession } from '../session/session';
import { capitalized } from '../ui/capitalized';
import { NoticeList } from '../ui/Notice';
import { EmptyNotice, ErrorNotice, LoadingNotice } from '../ui/Notices';
import { PageHead } from '../ui/PageHead';
import { PageTurner } from '../ui/PageTurner';
import { Panel } from '../ui/Panel';
import { useFilters } from '../ui/useFilters';
import { useWorkflow } from '../workflows/queries';
import { WorkflowSelect } from '../workflows/WorkflowSelect';
import { useRuns } from './queries';
import { RunsTable } from './RunsTable';

const STATUSES: RunStatus[] = ['pending', 'running', 'waiting', 'completed', 'failed', 'cancelled'];

export function RunsPage() {
  const { workspace } = useSession();
  const [{ job, ...filters }, setFilter] = useFilters([
    'status',
    'workflow',
    'cursor',
    'job',
  ] as const);
  const runs = useRuns({ workspace: workspace.id, ...filters, limit: 50 });
  const isFiltered = filters.status !== null || filters.workflow !== null;
  return (
    <>
      <PageHead title="Runs">
        <Select
          aria-label="Status"
          placeholder="Every status"
          clearable
          data={STATUSES.map((status) => ({
            value: status,
            label: capitalized(status),
          }))}
          value={filters.status}
          onChange={(status) => setFilter('status', status)}
        />
        <WorkflowSelect
          value={filters.workflow}
          onChange={(workflow) => setFilter('workflow', workflow)}
        />
        <ActOnAll
          key={workspace.id}
          filter={filters}
          onBegun={(begun) => setFilter('job', begun)}
        />
        <Pause what={{ kind: 'workspace', id: workspace.id }} />
      </PageHead>
      <NoticeList>
        <HoldNotice what={{ kind: 'workspace', id: workspace.id }} />
        {filters.workflow !== null && (
          <HoldNotice what={{ kind: 'workflow', id: filters.workflow }} />
        )}
        <Jobs shown={job} onClose={() => setFilter('job', null)} />
      </NoticeList>
      <Panel>
        {runs.data !== undefined ? (
          <>
            {runs.data.results.length > 0 ? (
              <RunsTable runs={runs.data.results} />
            ) : isFiltered ? (
              <EmptyNotice title="No run matches">
                No run of {workspace.name} fits these filters. Take one away to see more.
              </EmptyNotice>
            ) : (
              <EmptyNotice title="Nothing has run yet">
                Start one of the <Link to="/workflows">workflows</Link> with “Run now”, or let its
                webhook start it. Each run then stands here, and can be watched live.
              </EmptyNotice>
            )}
            <PageTurner {...runs.data} onTurn={(cursor) => setFilter('cursor', cursor)} />
          </>
        ) : runs.error !== null ? (
          <ErrorNotice error={runs.error} onRetry={() => void runs.refetch()} />
        ) : (
          <LoadingNotice what="runs" />
        )}
      </Panel>
    </>
  );
}

interface ActOnAllProps {
  filter: { status: string | null; workflow: string | null };
  onBegun: (job: string) => void;
}

/** Cancels or retries all runs that the filters find, on whichever page of the list they are. */
function ActOnAll({ filter, onBegun }: ActOnAllProps) {
  const { workspace } = useSession();
  const mayOperate = useMay('operator');
  const workflow = useWorkflow(filter.workflow).data;
  const [isOpen, setOpen] = useState(false);
  if (!mayOperate) return null;
  const which = filter.status === null ? 'All runs' : `All ${filter.status} runs`;
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        Act on all…
      </Button>
      {isOpen && (
        <BulkDialog
          filter={filter}
          about={`${which} of ${workflow === undefined ? workspace.name : `“${workflow.name}”`}.`}
          onBegun={(job) => {
            setOpen(false);
            onBegun(job);
          }}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}

/** The jobs that are under way, and the one that the address names until it is put away. */
function Jobs({ shown, onClose }: { shown: string | null; onClose: () => void }) {
  const { workspace } = useSession();
  const others = useRunningJobs(workspace.id).filter(({ id }) => id !== shown);
  return (
    <>
      {shown !== null && <JobNotice key={shown} id={shown} onClose={onClose} />}
      {others.map(({ id }) => (
        <JobNotice key={id} id={id} />
      ))}
    </>
  );
}
