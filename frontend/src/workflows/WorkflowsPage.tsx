import { Select, Table, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useState } from 'react';
import { Link } from 'react-router';
import type { Workflow } from '../api/types';
import { useSession } from '../session/session';
import { Icon } from '../ui/Icon';
import list from '../ui/list.module.css';
import { EmptyNotice, ErrorNotice, LoadingNotice } from '../ui/Notices';
import { PageHead } from '../ui/PageHead';
import { PageTurner } from '../ui/PageTurner';
import { Panel } from '../ui/Panel';
import { StatusBadge } from '../ui/StatusBadge';
import { fullTime, shortTime } from '../ui/times';
import { useFilters } from '../ui/useFilters';
import { NewWorkflow } from './NewWorkflow';
import { useWorkflows } from './queries';
import { RunNow } from './RunNow';

export function WorkflowsPage() {
  const { workspace } = useSession();
  const [filters, setFilter] = useFilters(['search', 'status', 'cursor'] as const);
  const workflows = useWorkflows({ workspace: workspace.id, ...filters, limit: 50 });
  const isFiltered = filters.search !== null || filters.status !== null;
  return (
    <>
      <PageHead title="Workflows">
        <Search value={filters.search} onSearch={(search) => setFilter('search', search)} />
        <Select
          aria-label="Status"
          placeholder="Every status"
          clearable
          data={[
            { value: 'draft', label: 'Not active' },
            { value: 'active', label: 'Active' },
            { value: 'archived', label: 'Archived' },
          ]}
          value={filters.status}
          onChange={(status) => setFilter('status', status)}
        />
        <NewWorkflow />
      </PageHead>
      <Panel>
        {workflows.data !== undefined ? (
          <>
            {workflows.data.results.length > 0 ? (
              <WorkflowsTable workflows={workflows.data.results} />
            ) : isFiltered ? (
              <EmptyNotice title="No workflow matches">
                No workflow of {workspace.name} fits this search. Try fewer letters.
              </EmptyNotice>
            ) : (
              <EmptyNotice title="No workflow yet">
                A workflow is a graph of steps that a webhook, a program or a person starts. “New
                workflow” opens a canvas to build one; programs make them over{' '}
                <a href="/api/v1/docs">the API</a>.
              </EmptyNotice>
            )}
            <PageTurner {...workflows.data} onTurn={(cursor) => setFilter('cursor', cursor)} />
          </>
        ) : workflows.error !== null ? (
          <ErrorNotice error={workflows.error} onRetry={() => void workflows.refetch()} />
        ) : (
          <LoadingNotice what="workflows" />
        )}
      </Panel>
    </>
  );
}

/** Shows what is searched for, or what is being typed until the search has caught up with it. */
function Search({ value, onSearch }: { value: string | null; onSearch: (text: string) => void }) {
  const [typed, setTyped] = useState<string | null>(null);
  if (typed !== null && typed === (value ?? '')) setTyped(null);
  const searchSoon = useDebouncedCallback(onSearch, 250);
  return (
    <TextInput
      type="search"
      aria-label="Search workflows"
      placeholder="Search by name"
      leftSection={<Icon name="search" size={14} />}
      value={typed ?? value ?? ''}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        searchSoon(event.currentTarget.value);
      }}
    />
  );
}

function WorkflowsTable({ workflows }: { workflows: Workflow[] }) {
  return (
    <Table className={list.table} highlightOnHover verticalSpacing={6} aria-label="Workflows">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Name</Table.Th>
          <Table.Th>Status</Table.Th>
          <Table.Th className={list.wide}>Version</Table.Th>
          <Table.Th className={list.wide}>Last change</Table.Th>
          <Table.Th aria-label="Start a run" />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {workflows.map((workflow) => (
          <Table.Tr key={workflow.id}>
            <Table.Td className={list.name} title={workflow.name}>
              <Link to={`/workflows/${workflow.id}`}>{workflow.name}</Link>
            </Table.Td>
            <Table.Td>
              <StatusBadge status={workflow.status} />
            </Table.Td>
            <Table.Td className={list.wide}>
              {workflow.version === null ? (
                <span className={list.muted}>Not published</span>
              ) : (
                `v${workflow.version}`
              )}
            </Table.Td>
            <Table.Td
              className={`${list.wide} ${list.number}`}
              title={fullTime(workflow.updated_at)}
            >
              {shortTime(workflow.updated_at)}
            </Table.Td>
            <Table.Td ta="right">
              <RunNow workflow={workflow} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
