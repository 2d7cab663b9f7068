import { Button, Select, Text } from '@mantine/core';
import { useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import type { Workflow } from '../api/types';
import { useMay } from '../session/session';
import { useWorkspaceOf } from '../session/useWorkspaceOf';
import { ConfirmDialog } from '../ui/ConfirmDialog';
import { EmptyNotice, ErrorNotice } from '../ui/Notices';
import { PageHead } from '../ui/PageHead';
import { PageTurner } from '../ui/PageTurner';
import { Panel } from '../ui/Panel';
import { Read } from '../ui/Read';
import { useFilters } from '../ui/useFilters';
import { useGraph, useWorkflow } from '../workflows/queries';
import { GraphDiff } from './GraphDiff';
import { KeepDialog } from './KeepDialog';
import { usePublish, useVersions } from './queries';
import { nameOf, readFrom, usualFor, written, type Shown } from './shown';
import { Unsaved } from './Unsaved';
import { VersionList } from './VersionList';
import classes from './versions.module.css';

export function VersionsPage() {
  const { id = '' } = useParams();
  const workflow = useWorkflow(id);
  useWorkspaceOf(workflow.data);
  return (
    <Read of={workflow} what="the workflow">
      {(workflow) => <Versions key={id} workflow={workflow} />}
    </Read>
  );
}

function Versions({ workflow }: { workflow: Workflow }) {
  const [filters, setFilter] = useFilters(['show', 'against', 'cursor'] as const);
  const versions = useVersions(workflow.id, filters.cursor);
  const shown = readFrom(filters.show) ?? null;
  const against = readFrom(filters.against) ?? usualFor(shown, workflow);
  const listed = versions.data?.results ?? [];
  const numbers = [...new Set([workflow.version, shown, against, ...listed.map((v) => v.version)])]
    .filter((number) => typeof number === 'number')
    .toSorted((a, b) => b - a);
  return (
    <div className={classes.page}>
      <PageHead
        title={workflow.name}
        to={`/workflows/${workflow.id}`}
        windowTitle={`${workflow.name} – versions`}
        beside={
          <Text size="sm" c="var(--ff-muted)">
            {workflow.version === null ? 'Nothing published' : `Version ${workflow.version} runs`}
          </Text>
        }
      >
        <Deeds workflow={workflow} shown={shown} />
      </PageHead>
      <div className={classes.panes}>
        <Panel className={classes.versions ?? ''}>
          {versions.error !== null && (
            <ErrorNotice error={versions.error} onRetry={() => void versions.refetch()} />
          )}
          <VersionList
            versions={listed}
            published={workflow.version}
            shown={shown}
            linkTo={(each) => `?${search({ show: written(each), cursor: filters.cursor })}`}
          />
          {versions.data !== undefined && (
            <PageTurner {...versions.data} onTurn={(cursor) => setFilter('cursor', cursor)} />
          )}
        </Panel>
        <section className={classes.compared} aria-label="What changed">
          {against === undefined ? (
            <Panel>
              <EmptyNotice title="There is nothing to compare with">
                {shown === null
                  ? 'No version is kept yet. Keep the draft as one, or publish it.'
                  : 'This is the first version.'}
              </EmptyNotice>
            </Panel>
          ) : (
            <>
              <div className={classes.which}>
                <strong>{nameOf(shown)}</strong> against
                <Select
                  aria-label="Against"
                  data={[
                    { value: 'draft', label: 'The draft' },
                    ...numbers.map((number) => ({
                      value: String(number),
                      label: `Version ${number}${number === workflow.version ? ', published' : ''}`,
                    })),
                  ].filter(({ value }) => value !== written(shown))}
                  value={written(against)}
                  allowDeselect={false}
                  searchable
                  onChange={(value) => setFilter('against', value)}
                />
              </div>
              <Compared workflow={workflow.id} before={against} after={shown} />
            </>
          )}
        </section>
      </div>
    </div>
  );
}

function search(params: Record<string, string | null>): string {
  const kept = Object.entries(params).filter(([, value]) => value !== null);
  return new URLSearchParams(kept as [string, string][]).toString();
}

interface ComparedProps {
  workflow: string;
  before: Shown;
  after: Shown;
}

function Compared({ workflow, before, after }: ComparedProps) {
  const [one, other] = [useGraph(workflow, before), useGraph(workflow, after)];
  return (
    <Read of={one} what="the graphs">
      {(before) => (
        <Read of={other} what="the graphs">
          {(after) => <GraphDiff before={before} after={after} />}
        </Read>
      )}
    </Read>
  );
}

type Asked = 'keep' | 'publish' | 'restore';

/** What may be done with the draft, or with the version that is shown. */
function Deeds({ workflow, shown }: { workflow: Workflow; shown: Shown }) {
  const navigate = useNavigate();
  const mayEdit = useMay('editor');
  const publish = usePublish(workflow.id);
  const [asked, ask] = useState<Asked | null>(null);
  const close = () => ask(null);
  const edit = `/workflows/${workflow.id}/edit`;
  if (!mayEdit || workflow.status === 'archived') return null;
  return (
    <>
      {shown === null ? (
        <Button variant="default" onClick={() => ask('keep')}>
          Keep as a version…
        </Button>
      ) : (
        <>
          <Button variant="default" onClick={() => ask('restore')}>
            Restore into the draft…
          </Button>
          <Button
            disabled={shown === workflow.version}
            title={shown === workflow.version ? 'It is published' : undefined}
            onClick={() => ask('publish')}
          >
            Publish it…
          </Button>
        </>
      )}
      <Button component={Link} to={edit} variant="default">
        Edit
      </Button>
      {asked === 'keep' && (
        <KeepDialog
          workflow={workflow}
          flush={() => Promise.resolve()}
          isPublished={false}
          onClose={close}
        >
          <Unsaved workflow={workflow.id} />
        </KeepDialog>
      )}
      {asked === 'publish' && shown !== null && (
        <ConfirmDialog
          title={`Publish version ${shown}?`}
          yes="Publish it"
          doing={publish}
          onYes={() => publish.mutate(shown, { onSuccess: close })}
          onClose={close}
        >
          New runs begin on version {shown}
          {workflow.version !== null && ` instead of version ${workflow.version}`}. Runs that are
          under way go on as they are.
        </ConfirmDialog>
      )}
      {asked === 'restore' && shown !== null && (
        <ConfirmDialog
          title={`Restore version ${shown} into the draft?`}
          yes="Restore it"
          onYes={() => void navigate(edit, { state: { restore: shown } })}
          onClose={close}
        >
          <Unsaved workflow={workflow.id} />
          The draft becomes what version {shown} is. The editor opens with it, where it can be
          undone. What is published stays as it is.
        </ConfirmDialog>
      )}
    </>
  );
}
