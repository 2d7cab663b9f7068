import { Box, Select } from '@mantine/core';
import { Suspense } from 'react';
import { ImportWorkflow } from '../interchange/ImportWorkflow';
import { useFreshWithRuns } from '../live/useFreshWithRuns';
import { useMay, useSession } from '../session/session';
import { lazyPage } from '../ui/lazyPage';
import { EmptyNotice, LoadingNotice } from '../ui/Notices';
import { PageHead } from '../ui/PageHead';
import { PageTurner } from '../ui/PageTurner';
import { Panel } from '../ui/Panel';
import { Read } from '../ui/Read';
import { Search } from '../ui/Search';
import { useFilters } from '../ui/useFilters';
import { NewWorkflow } from './NewWorkflow';
import { useTags, useWorkflows } from './queries';
import { WorkflowsTable } from './WorkflowsTable';

const Samples = lazyPage(async () => (await import('../samples/Samples')).Samples);

const STATUSES = [
  { value: 'draft', label: 'Not active' },
  { value: 'active', label: 'Active' },
  { value: 'archived', label: 'Archived' },
];

export function WorkflowsPage() {
  const { workspace } = useSession();
  const [filters, setFilter] = useFilters(['search', 'status', 'tag', 'cursor'] as const);
  const workflows = useWorkflows({ workspace: workspace.id, ...filters, limit: 50 });
  // Which run was the last, and how it stands, changes by itself.
  useFreshWithRuns(['workflows'], null);
  const isFiltered = [filters.search, filters.status, filters.tag].some((each) => each !== null);
  return (
    <>
      <PageHead title="Workflows">
        <Search
          label="Search workflows"
          placeholder="Search by name"
          value={filters.search}
          onSearch={(search) => setFilter('search', search)}
        />
        <TagSelect value={filters.tag} onChange={(tag) => setFilter('tag', tag)} />
        <Select
          aria-label="Status"
          placeholder="Every status"
          clearable
          data={STATUSES}
          value={filters.status}
          onChange={(status) => setFilter('status', status)}
        />
        <ImportWorkflow />
        <NewWorkflow />
      </PageHead>
      <Panel>
        <Read of={workflows} what="workflows">
          {(page) => (
            <>
              {page.results.length > 0 ? (
                <WorkflowsTable workflows={page.results} />
              ) : isFiltered ? (
                <EmptyNotice title="No workflow matches">
                  No workflow of {workspace.name} fits this search. Try fewer letters.
                </EmptyNotice>
              ) : (
                <NoWorkflow />
              )}
              <PageTurner {...page} onTurn={(cursor) => setFilter('cursor', cursor)} />
            </>
          )}
        </Read>
      </Panel>
    </>
  );
}

function NoWorkflow() {
  const mayMake = useMay('editor');
  return (
    <>
      <EmptyNotice title="No workflow yet">
        A workflow is a graph of steps that a webhook, a program or a person starts. “New workflow”
        opens a canvas to build one; programs make them over <a href="/api/v1/docs">the API</a>.
      </EmptyNotice>
      {mayMake && (
        <Box px="md" pb="md">
          <Suspense fallback={<LoadingNotice what="samples" />}>
            <Samples />
          </Suspense>
        </Box>
      )}
    </>
  );
}

interface TagSelectProps {
  value: string | null;
  onChange: (tag: string | null) => void;
}

/** Nothing where no workflow has a tag. */
function TagSelect({ value, onChange }: TagSelectProps) {
  const { workspace } = useSession();
  const tags = useTags(workspace.id).data ?? [];
  if (tags.length === 0 && value === null) return null;
  const all = value === null || tags.includes(value) ? tags : [value, ...tags];
  return (
    <Select
      aria-label="Tag"
      placeholder="Every tag"
      clearable
      searchable
      data={all}
      value={value}
      onChange={onChange}
    />
  );
}
