import { Button, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { Link, useParams } from 'react-router';
import type { Graph, Me, Run } from '../api/types';
import { RunGraph } from '../canvas/RunGraph';
import { HoldNotice } from '../holds/HoldNotice';
import { Notes } from '../notes/Notes';
import { useSession } from '../session/session';
import { useWorkspaceOf } from '../session/useWorkspaceOf';
import { capitalized } from '../ui/capitalized';
import { DetailDrawer } from '../ui/DetailDrawer';
import { Notice } from '../ui/Notice';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { Read } from '../ui/Read';
import { StatusBadge } from '../ui/StatusBadge';
import { between, fullTime, shortTime } from '../ui/times';
import { useIsNarrow } from '../ui/useIsNarrow';
import { useGraph } from '../workflows/queries';
import { ApprovalNotice } from './ApprovalNotice';
import { CancelNotice } from './CancelNotice';
import { ChildRuns } from './ChildRuns';
import { DecisionNotice } from './DecisionNotice';
import type { RunState } from './events';
import { useRun } from './queries';
import { RunActions } from './RunActions';
import classes from './RunPage.module.css';
import { RunRecord } from './RunRecord';
import { StepDetail } from './StepDetail';
import { useRunEvents } from './useRunEvents';

export function RunPage() {
  const { id = '' } = useParams();
  const run = useRun(id);
  useWorkspaceOf(run.data);
  return (
    <Read of={run} what="the run">
      {(run) => <Shown key={run.id} run={run} />}
    </Read>
  );
}

function Shown({ run }: { run: Run }) {
  const state = useRunEvents(run.id);
  const status = state.seq > 0 ? state.status : run.status;
  const graph = useGraph(run.workflow, run.version);
  const nameOf = useNames(graph.data);
  const [selected, select] = useSelection(state);
  const isNarrow = useIsNarrow();
  useFreshRun(run.id, state);

  const detail = selected !== null && (
    <StepDetail
      run={run.id}
      node={graph.data?.nodes.find(({ id }) => id === selected.node)}
      step={selected.step === null ? undefined : state.steps.get(selected.step)}
      siblings={[...state.steps.values()].filter(({ node }) => node === selected.node)}
      onSelect={select.step}
      onClose={select.nothing}
    />
  );
  return (
    <div className={classes.page}>
      <Head run={run} state={state} status={status} />
      {status === 'failed' && <FailureNotice run={run} state={state} onSelect={select.step} />}
      {status === 'pending' && run.waits_for?.reason === 'hold' && (
        <>
          <HoldNotice what={{ kind: 'workspace', id: run.workspace }} />
          <HoldNotice what={{ kind: 'workflow', id: run.workflow }} />
        </>
      )}
      {run.cancel !== null && <CancelNotice cancel={run.cancel} status={status} />}
      {run.waiting_for.map((waiting) => {
        if (waiting.for !== 'decision' && waiting.for !== 'approval') return null;
        const Asks = waiting.for === 'decision' ? DecisionNotice : ApprovalNotice;
        return (
          <Asks key={waiting.step} run={run.id} waiting={waiting} name={nameOf(waiting.node)} />
        );
      })}
      <Notes about={{ kind: 'run', id: run.id }} />
      {startsOthers(graph.data) && <ChildRuns run={run} />}
      <div
        className={classes.panes}
        data-with-detail={(!isNarrow && detail !== false) || undefined}
      >
        <Panel className={classes.graph ?? ''}>
          <Read of={graph} what="the graph">
            {(graph) => (
              <RunGraph
                graph={graph}
                run={state}
                selected={selected?.node ?? null}
                onSelect={(node) => (node === null ? select.nothing() : select.node(node))}
              />
            )}
          </Read>
        </Panel>
        <Panel className={classes.lower ?? ''}>
          <RunRecord
            run={state}
            nameOf={nameOf}
            selected={selected?.step ?? null}
            onSelect={select.step}
          />
        </Panel>
        {!isNarrow && detail !== false && <Panel className={classes.detail ?? ''}>{detail}</Panel>}
      </div>
      {isNarrow && (
        <DetailDrawer what="Step" opened={detail !== false} onClose={select.nothing}>
          {detail}
        </DetailDrawer>
      )}
    </div>
  );
}

function Head({ run, state, status }: { run: Run; state: RunState; status: Run['status'] }) {
  const { me } = useSession();
  // The row's times first: lists show them, too.
  const startedAt = run.started_at ?? state.startedAt;
  const finishedAt = run.finished_at ?? state.finishedAt;
  return (
    <PageHead
      title={run.workflow_name}
      to={`/workflows/${run.workflow}`}
      windowTitle={`${capitalized(status)}: ${run.workflow_name}`}
      beside={
        <>
          <StatusBadge status={status} />
          <Text size="sm" c="var(--ff-muted)" title={fullTime(startedAt ?? run.created_at)}>
            v{run.version} ·{' '}
            {run.trigger === 'webhook' ? (
              <Link to={`/workflows/${run.workflow}/requests?run=${run.id}`}>webhook</Link>
            ) : (
              run.trigger
            )}
            {run.triggered_by !== null && ` by ${starterOf(run, me)}`} ·{' '}
            {shortTime(startedAt ?? run.created_at)}
            {finishedAt !== null && ` · ${between(startedAt, finishedAt)}`}
            {state.waiting?.until != null && ` · until ${shortTime(state.waiting.until)}`}
            {status === 'pending' && run.waits_for !== null && ` · ${inWords(run.waits_for)}`}
            {run.retry_of !== null && (
              <>
                {' · '}
                <Link to={`/runs/${run.retry_of}`}>retries an earlier run</Link>
              </>
            )}
            {run.parent_run !== null && (
              <>
                {' · '}
                <Link to={`/runs/${run.parent_run}`}>child of another run</Link>
              </>
            )}
          </Text>
        </>
      }
    >
      <Button component={Link} to={`/runs/${run.id}/compare`} variant="default">
        Compare with…
      </Button>
      <RunActions run={run} status={status} />
    </PageHead>
  );
}

/** What a pending run waits for, at which place, and when that is looked at next. */
function inWords({ told, reason, place, until }: NonNullable<Run['waits_for']>): string {
  const parts = [
    told,
    reason === 'hold' && place !== null && `place ${place} in line`,
    until !== null && `not before ${shortTime(until)}`,
  ];
  return parts.filter((part) => part !== false).join(' · ');
}

function starterOf(run: Run, me: Me): string {
  return run.triggered_by === me.id ? 'you' : (run.triggered_by_email ?? 'somebody');
}

interface FailureProps {
  run: Run;
  state: RunState;
  onSelect: (step: string) => void;
}

/** Why the run failed, with a way to the step where it did. */
function FailureNotice({ run, state, onSelect }: FailureProps) {
  const message = state.error?.message ?? run.error_message;
  const culprit = [...state.steps.values()].findLast(({ status }) => status === 'failed');
  if (message === null) return null;
  return (
    <Notice
      tone="failed"
      icon="cross"
      role="alert"
      title={message}
      deed={
        culprit && (
          <Button variant="subtle" size="compact-xs" onClick={() => onSelect(culprit.id)}>
            Show the step
          </Button>
        )
      }
    >
      {state.error?.hint}
    </Notice>
  );
}

/** Whether runs of the graph may have runs of their own. */
function startsOthers(graph: Graph | undefined): boolean {
  return graph?.nodes.some(({ type }) => type === 'run_workflow') ?? false;
}

function useNames(graph: Graph | undefined): (node: string) => string {
  const names = useMemo(() => new Map(graph?.nodes.map((node) => [node.id, node.name])), [graph]);
  return useCallback((node: string) => names.get(node) ?? node, [names]);
}

interface Selection {
  node: string;
  step: string | null;
}

/** A node that is selected shows its latest step, and goes on to later ones; a step stays. */
function useSelection(state: RunState) {
  const [chosen, choose] = useState<{ node: string } | { step: string } | null>(null);
  const selectStep = useCallback((step: string) => choose({ step }), []);
  const selectNode = useCallback((node: string) => choose({ node }), []);
  const selectNothing = useCallback(() => choose(null), []);
  let selected: Selection | null = null;
  if (chosen !== null && 'step' in chosen) {
    selected = { node: state.steps.get(chosen.step)?.node ?? '', step: chosen.step };
  } else if (chosen !== null) {
    selected = { node: chosen.node, step: state.latest.get(chosen.node)?.id ?? null };
  }
  return [selected, { step: selectStep, node: selectNode, nothing: selectNothing }] as const;
}

/** What the events do not tell (what the run waits for, its error's code) is read when it changes. */
function useFreshRun(id: string, { status, waiting }: RunState): void {
  const queryClient = useQueryClient();
  useEffect(() => {
    void queryClient.invalidateQueries({ queryKey: ['run', id] });
  }, [queryClient, id, status, waiting]);
}
