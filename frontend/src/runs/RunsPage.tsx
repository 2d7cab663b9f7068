import { Select } from '@mantine/core';
import { Link } from 'react-router';
import type { RunStatus } from '../api/types';
import { useSession } from '../session/session';
import { capitalized } from '../ui/capitalized';
import { EmptyNotice, ErrorNotice, LoadingNotice } from '../ui/Notices';
import { PageHead } from '../ui/PageHead';
import { PageTurner } from '../ui/PageTurner';
import { Panel } from '../ui/Panel';
import { useFilters } from '../ui/useFilters';
import { WorkflowSelect } from '../workflows/WorkflowSelect';
import { useRuns } from './queries';
import { RunsTable } from './RunsTable';

const STATUSES: RunStatus[] = ['pending', 'running', 'waiting', 'completed', 'failed', 'cancelled'];

export function RunsPage() {
  const { workspace } = useSession();
  const [filters, setFilter] = useFilters(['status', 'workflow', 'cursor'] as const);
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
      </PageHead>
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
