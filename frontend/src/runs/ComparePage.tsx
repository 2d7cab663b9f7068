import { Select, Switch, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import type { Page, Run, Step } from '../api/types';
import { useWorkspaceOf } from '../session/useWorkspaceOf';
import { EmptyNotice } from '../ui/Notices';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { Read } from '../ui/Read';
import { StatusBadge } from '../ui/StatusBadge';
import { between, shortTime } from '../ui/times';
import { useGraph } from '../workflows/queries';
import { compared } from './compared';
import { ComparedSteps } from './ComparedSteps';
import classes from './ComparePage.module.css';
import { STEPS_COMPARED, useFirstSteps, useLastGood, useRun, useRuns } from './queries';

/** A run beside another of its workflow; without another, beside the last that succeeded. */
export function ComparePage() {
  const { id = '', other } = useParams();
  const run = useRun(id);
  useWorkspaceOf(run.data);
  return (
    <Read of={run} what="the run">
      {(run) =>
        other === undefined ? <BesideLastGood run={run} /> : <Beside run={run} other={other} />
      }
    </Read>
  );
}

function BesideLastGood({ run }: { run: Run }) {
  const lastGood = useLastGood(run);
  return (
    <Read of={lastGood} what="the last run that succeeded">
      {(lastGood) => <Beside run={run} other={lastGood?.id ?? null} />}
    </Read>
  );
}

/** `other` is null where there is none to be beside yet. */
function Beside({ run, other }: { run: Run; other: string | null }) {
  const chosen = useRun(other);
  return (
    <>
      <PageHead
        title={run.workflow_name}
        to={`/workflows/${run.workflow}`}
        windowTitle={`Compare runs: ${run.workflow_name}`}
        beside={
          <Text size="sm" c="var(--ff-muted)">
            Two runs, step by step
          </Text>
        }
      />
      <Which run={run} other={chosen.data} />
      {other === null ? (
        <Panel>
          <EmptyNotice title="No other run has succeeded yet">
            Choose a run to compare with.
          </EmptyNotice>
        </Panel>
      ) : (
        <Read of={chosen} what="the other run">
          {(other) => <Compared run={run} other={other} />}
        </Read>
      )}
    </>
  );
}

function Which({ run, other }: { run: Run; other: Run | undefined }) {
  const navigate = useNavigate();
  const { data } = useRuns({ workspace: run.workspace, workflow: run.workflow, limit: 50 });
  const listed = (data?.results ?? []).filter(({ id }) => id !== run.id);
  const isListed = listed.some(({ id }) => id === other?.id);
  const choices = other === undefined || isListed ? listed : [other, ...listed];
  return (
    <div className={classes.which}>
      <Link to={`/runs/${run.id}`}>{nameOf(run)}</Link>
      <StatusBadge status={run.status} />
      <span>with</span>
      <Select
        aria-label="With"
        w={320}
        placeholder="Another run"
        data={choices.map((each) => ({
          value: each.id,
          label: `${nameOf(each)} · ${each.status}`,
        }))}
        value={other?.id ?? null}
        allowDeselect={false}
        searchable
        onChange={(chosen) => chosen !== null && void navigate(`/runs/${run.id}/compare/${chosen}`)}
      />
    </div>
  );
}

function nameOf(run: Run): string {
  const at = shortTime(run.started_at ?? run.created_at);
  return `v${run.version} · ${at} · ${between(run.started_at, run.finished_at)}`;
}

function Compared({ run, other }: { run: Run; other: Run }) {
  const [one, two] = [useFirstSteps(run.id), useFirstSteps(other.id)];
  const graphs = [useGraph(run.workflow, run.version), useGraph(other.workflow, other.version)];
  const nodes = graphs.flatMap(({ data }) => data?.nodes ?? []);
  return (
    <Read of={one} what="the steps">
      {(one) => (
        <Read of={two} what="the steps">
          {(two) => (
            <Steps
              one={one}
              two={two}
              nameOf={(node) => nodes.find(({ id }) => id === node)?.name ?? node}
            />
          )}
        </Read>
      )}
    </Read>
  );
}

interface StepsProps {
  one: Page<Step>;
  two: Page<Step>;
  nameOf: (node: string) => string;
}

function Steps({ one, two, nameOf }: StepsProps) {
  const [onlyDifferences, setOnlyDifferences] = useState(false);
  const rows = useMemo(() => compared(one.results, two.results), [one, two]);
  const shown = onlyDifferences ? rows.filter(({ isSame }) => !isSame) : rows;
  const areMore = one.next !== null || two.next !== null;
  return (
    <Panel>
      <div className={classes.bar}>
        <Switch
          size="xs"
          label="Only differences"
          checked={onlyDifferences}
          onChange={(event) => setOnlyDifferences(event.currentTarget.checked)}
        />
        <span className={classes.quiet} role="status">
          {rows.filter(({ isSame }) => !isSame).length} of {rows.length} steps differ
          {areMore && `; only the first ${STEPS_COMPARED} of each run are compared`}
        </span>
      </div>
      {shown.length === 0 ? (
        <EmptyNotice title="No step differs" />
      ) : (
        <ComparedSteps rows={shown} nameOf={nameOf} />
      )}
    </Panel>
  );
}
