import { Select, Text } from '@mantine/core';
import { Link, useParams } from 'react-router';
import type { Workflow } from '../api/types';
import { useWorkspaceOf } from '../session/useWorkspaceOf';
import { EmptyNotice } from '../ui/Notices';
import { PageHead } from '../ui/PageHead';
import { PageTurner } from '../ui/PageTurner';
import { Read } from '../ui/Read';
import { useFilters } from '../ui/useFilters';
import { useSelected } from '../ui/useSelected';
import { WithDetail } from '../ui/WithDetail';
import { useGraph, useWorkflow } from '../workflows/queries';
import { useRequests } from './queries';
import { RequestDetail } from './RequestDetail';
import { RequestsTable } from './RequestsTable';

/** The inbox of a workflow: what came to its webhooks. */
export function RequestsPage() {
  const { id = '' } = useParams();
  const workflow = useWorkflow(id);
  useWorkspaceOf(workflow.data);
  return (
    <Read of={workflow} what="the workflow">
      {(workflow) => <Shown workflow={workflow} />}
    </Read>
  );
}

function Shown({ workflow }: { workflow: Workflow }) {
  const [filters, setFilter] = useFilters(['node', 'run', 'cursor'] as const);
  const { selected, searchOf, close } = useSelected('request');
  const { workspace, id } = workflow;
  const requests = useRequests({ workspace, workflow: id, ...filters, limit: 50 });
  const isFiltered = filters.node !== null || filters.run !== null;
  const detail = selected !== null && (
    <RequestDetail key={selected} id={selected} workflow={workflow} onClose={close} />
  );
  return (
    <>
      <PageHead
        title={workflow.name}
        to={`/workflows/${id}`}
        windowTitle={`Requests: ${workflow.name}`}
        beside={
          <Text size="sm" c="var(--ff-muted)">
            {filters.run === null ? 'Requests to its webhooks' : 'The request of one run'}
            {filters.run !== null && (
              <>
                {' · '}
                <Link to={`/workflows/${id}/requests`}>show all</Link>
              </>
            )}
          </Text>
        }
      >
        <NodeSelect
          workflow={workflow}
          value={filters.node}
          onChange={(node) => setFilter('node', node)}
        />
      </PageHead>
      <WithDetail what="Request" detail={detail} onClose={close}>
        <Read of={requests} what="requests">
          {(page) => (
            <>
              {page.results.length > 0 ? (
                <RequestsTable requests={page.results} selected={selected} searchOf={searchOf} />
              ) : isFiltered ? (
                <EmptyNotice title="No request matches">
                  None that fits is kept. Take a filter away to see more.
                </EmptyNotice>
              ) : (
                <EmptyNotice title="No request yet">
                  Each request that makes a run is kept here for some days, to be looked at and
                  replayed.
                </EmptyNotice>
              )}
              <PageTurner {...page} onTurn={(cursor) => setFilter('cursor', cursor)} />
            </>
          )}
        </Read>
      </WithDetail>
    </>
  );
}

interface NodeSelectProps {
  workflow: Workflow;
  value: string | null;
  onChange: (node: string | null) => void;
}

/** Chooses one of several webhooks. */
function NodeSelect({ workflow, value, onChange }: NodeSelectProps) {
  const { data: graph } = useGraph(workflow.id, workflow.version);
  const hooks = graph?.nodes.filter(({ type }) => type === 'webhook') ?? [];
  const names = new Map(hooks.map(({ id, name }) => [id, name]));
  // Also one that is gone from the graph is said to be the filter.
  if (value !== null && !names.has(value)) names.set(value, value);
  if (names.size < 2 && value === null) return null;
  return (
    <Select
      aria-label="Webhook"
      placeholder="Every webhook"
      clearable
      data={[...names].map(([id, name]) => ({ value: id, label: name }))}
      value={value}
      onChange={onChange}
    />
  );
}
