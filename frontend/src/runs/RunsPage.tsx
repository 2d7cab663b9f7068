import { Button, Group, MultiSelect, Text } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import { BulkDialog } from '../bulk/BulkDialog';
import { JobNotice } from '../bulk/JobNotice';
import { useRunningJobs } from '../bulk/queries';
import { HoldNotice } from '../holds/HoldNotice';
import { Pause } from '../holds/Pause';
import { useMay, useSession } from '../session/session';
import { NoticeList } from '../ui/Notice';
import { EmptyNotice } from '../ui/Notices';
import { PageHead } from '../ui/PageHead';
import { PageTurner } from '../ui/PageTurner';
import { Panel } from '../ui/Panel';
import { Read } from '../ui/Read';
import { Search } from '../ui/Search';
import { fullTime, shortTime } from '../ui/times';
import { useWorkflow } from '../workflows/queries';
import { WorkflowSelect } from '../workflows/WorkflowSelect';
import {
  askedOf,
  filterOf,
  inWords,
  listOf,
  statusChoices,
  useRunFilters,
  type Filters,
} from './filters';
import { MoreFilters } from './MoreFilters';
import { useRuns } from './queries';
import { RunsTable } from './RunsTable';

const NOT_SEARCHED =
  'A search looks at the newest runs alone. To act on all, filter by the other fields.';

export function RunsPage() {
  const { workspace } = useSession();
  const [filters, setFilter] = useRunFilters();
  const runs = useRuns({ workspace: workspace.id, ...askedOf(filters), limit: 50 });
  const { job } = filters;
  const isFiltered = filters.search !== null || Object.keys(filterOf(filters)).length > 0;
  return (
    <>
      <PageHead title="Runs">
        <Search
          label="Search runs"
          placeholder="Id, error, any value"
          value={filters.search}
          onSearch={(search) => setFilter('search', search)}
        />
        <MultiSelect
          aria-label="Status"
          placeholder={filters.status === null ? 'Every status' : ''}
          clearable
          data={statusChoices}
          value={listOf(filters.status)}
          onChange={(all) => setFilter('status', all.join(','))}
        />
        <WorkflowSelect
          aria-label="Workflow"
          placeholder="Every workflow"
          value={filters.workflow}
          onChange={(workflow) => setFilter('workflow', workflow)}
        />
        <MoreFilters filters={filters} setFilter={setFilter} />
        <ActOnAll
          key={workspace.id}
          filters={filters}
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
        <Read of={runs} what="runs">
          {(page) => (
            <>
              {page.results.length > 0 ? (
                <RunsTable runs={page.results} />
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
              <PageTurner {...page} onTurn={(page) => setFilter('cursor', page)} />
              {page.searched && page.next === null && (
                <Searched
                  {...page.searched}
                  onFurther={(since) => setFilter('created_before', since)}
                />
              )}
            </>
          )}
        </Read>
      </Panel>
    </>
  );
}

interface SearchedProps {
  runs: number;
  since: string;
  onFurther: (since: string) => void;
}

/** A search looks at the newest runs alone: it says so, and offers to go on. */
function Searched({ runs, since, onFurther }: SearchedProps) {
  return (
    <Group justify="center" gap="xs" p="xs" role="status">
      <Text size="sm" c="var(--ff-muted)">
        Looked at {runs.toLocaleString('en-US')} runs, back to{' '}
        <span title={fullTime(since)}>{shortTime(since)}</span>.
      </Text>
      <Button variant="default" size="compact-sm" onClick={() => onFurther(since)}>
        Look further back
      </Button>
    </Group>
  );
}

interface ActOnAllProps {
  filters: Filters;
  onBegun: (job: string) => void;
}

/** Cancels or retries all runs that the filters find, on whichever page of the list they are. */
function ActOnAll({ filters, onBegun }: ActOnAllProps) {
  const { workspace } = useSession();
  const mayOperate = useMay('operator');
  const workflow = useWorkflow(filters.workflow).data;
  const [isOpen, setOpen] = useState(false);
  if (!mayOperate) return null;
  const of = workflow === undefined ? workspace.name : `“${workflow.name}”`;
  return (
    <>
      <Button
        variant="default"
        disabled={filters.search !== null}
        title={filters.search === null ? undefined : NOT_SEARCHED}
        onClick={() => setOpen(true)}
      >
        Act on all…
      </Button>
      {isOpen && (
        <BulkDialog
          filter={filterOf(filters)}
          about={inWords(filters, of)}
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
