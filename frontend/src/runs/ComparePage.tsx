import { Select, Switch, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import type { Run } from '../api/types';
import { useWorkspaceOf } from '../session/useWorkspaceOf';
import { EmptyNotice, ErrorNotice, LoadingNotice } from '../ui/Notices';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
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
  const lastGood = useLastGood(other === undefined ? run.data : undefined);
  const chosen = useRun(other ?? lastGood.data?.id ?? null);
  const isAlone = other === undefined && lastGood.data === null;
  const failed = [run, chosen, lastGood].find(({ error }) => error !== null);
  if (failed?.error != null) {
    return <ErrorNotice error={failed.error} onRetry={() => void failed.refetch()} />;
  }
  if (run.data === undefined || (chosen.data === undefined && !isAlone)) {
    return <LoadingNotice what="the runs" />;
  }
  return (
    <>
      <PageHead
        title={run.data.workflow_name}
        to={`/workflows/${run.data.workflow}`}
        windowTitle={`Compare runs: ${run.data.workflow_name}`}
        beside={
          <Text size="sm" c="var(--ff-muted)">
            Two runs, step by step
          </Text>
        }
      />
      <Which run={run.data} other={chosen.data} />
      {chosen.data === undefined ? (
        <Panel>
          <EmptyNotice title="No other run has succeeded yet">
            Choose a run to compare with.
          </EmptyNotice>
        </Panel>
      ) : (
        <Compared run={run.data} other={chosen.data} />
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
  const [onlyDifferences, setOnlyDifferences] = useState(false);
  const rows = useMemo(
    () => compared(one.data?.results ?? [], two.data?.results ?? []),
    [one.data, two.data],
  );
  const failed = [one, two].find(({ error }) => error !== null);
  if (failed?.error != null) {
    return <ErrorNotice error={failed.error} onRetry={() => void failed.refetch()} />;
  }
  if (one.data === undefined || two.data === undefined) return <LoadingNotice what="the steps" />;
  const nodes = graphs.flatMap(({ data }) => data?.nodes ?? []);
  const shown = onlyDifferences ? rows.filter(({ isSame }) => !isSame) : rows;
  const areMore = one.data.next !== null || two.data.next !== null;
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
        <ComparedSteps
          rows={shown}
          nameOf={(node) => nodes.find(({ id }) => id === node)?.name ?? node}
        />
      )}
    </Panel>
  );
}
