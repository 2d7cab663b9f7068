import { Code, Text, Title } from '@mantine/core';
import { Fragment } from 'react';
import { useParams } from 'react-router';
import type { Graph, Workflow } from '../api/types';
import { RunGraph } from '../canvas/RunGraph';
import { useRuns } from '../runs/queries';
import { RunsTable } from '../runs/RunsTable';
import { useWorkspaceOf } from '../session/useWorkspaceOf';
import { EmptyNotice, ErrorNotice, LoadingNotice } from '../ui/Notices';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { StatusBadge } from '../ui/StatusBadge';
import { shortTime } from '../ui/times';
import { useGraph, useWorkflow } from './queries';
import { RunNow, RunWithInput } from './RunNow';
import classes from './WorkflowPage.module.css';

export function WorkflowPage() {
  const { id = '' } = useParams();
  const { data: workflow, error, refetch } = useWorkflow(id);
  useWorkspaceOf(workflow);
  if (workflow !== undefined) return <Shown workflow={workflow} />;
  if (error !== null) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  return <LoadingNotice what="the workflow" />;
}

function Shown({ workflow }: { workflow: Workflow }) {
  const { data: graph } = useGraph(workflow.id, workflow.version);
  const hooks = workflow.status === 'active' && graph !== undefined ? hooksOf(graph) : [];
  return (
    <>
      <PageHead
        title={workflow.name}
        beside={
          <>
            <StatusBadge status={workflow.status} />
            <Text size="sm" c="var(--ff-muted)">
              {workflow.version === null ? 'Draft, not published' : `Version ${workflow.version}`}
              {' · changed '}
              {shortTime(workflow.updated_at)}
              {hooks.map((hook) => (
                <Fragment key={hook}>
                  {' · started by '}
                  <Code>{hook}</Code>
                </Fragment>
              ))}
            </Text>
          </>
        }
      >
        <RunWithInput workflow={workflow} />
        <RunNow workflow={workflow} isMain />
      </PageHead>
      <Panel className={classes.graph ?? ''}>
        <WorkflowGraph workflow={workflow} />
      </Panel>
      <Title order={2} mt="lg" mb="xs">
        Latest runs
      </Title>
      <Panel>
        <LatestRuns workflow={workflow} />
      </Panel>
    </>
  );
}

/** The requests that start the workflow: "POST /hooks/orders". */
function hooksOf(graph: Graph): string[] {
  return graph.nodes.flatMap(({ type, disabled, params: { path, method } }) =>
    type === 'webhook' && !disabled && typeof path === 'string'
      ? [`${typeof method === 'string' ? method : 'POST'} /hooks/${path}`]
      : [],
  );
}

function WorkflowGraph({ workflow }: { workflow: Workflow }) {
  const graph = useGraph(workflow.id, workflow.version);
  if (graph.data !== undefined) {
    if (graph.data.nodes.length === 0) return <EmptyNotice title="This workflow has no node yet" />;
    return <RunGraph graph={graph.data} />;
  }
  if (graph.error !== null) {
    return <ErrorNotice error={graph.error} onRetry={() => void graph.refetch()} />;
  }
  return <LoadingNotice what="the graph" />;
}

function LatestRuns({ workflow }: { workflow: Workflow }) {
  const runs = useRuns({ workspace: workflow.workspace, workflow: workflow.id, limit: 10 });
  if (runs.data !== undefined) {
    return runs.data.results.length > 0 ? (
      <RunsTable runs={runs.data.results} ofOneWorkflow />
    ) : (
      <EmptyNotice title="It has not run yet">“Run now” starts it.</EmptyNotice>
    );
  }
  if (runs.error !== null) {
    return <ErrorNotice error={runs.error} onRetry={() => void runs.refetch()} />;
  }
  return <LoadingNotice what="its runs" />;
}
