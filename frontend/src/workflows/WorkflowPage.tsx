import { Box, Button, Code, Group, Text, Title } from '@mantine/core';
import { Fragment, useState } from 'react';
import { Link, useParams } from 'react-router';
import type { Graph, Workflow } from '../api/types';
import { RunGraph } from '../canvas/RunGraph';
import { HoldNotice } from '../holds/HoldNotice';
import { Pause } from '../holds/Pause';
import { Notes } from '../notes/Notes';
import { useRuns } from '../runs/queries';
import { RunsTable } from '../runs/RunsTable';
import { useMay } from '../session/session';
import { useWorkspaceOf } from '../session/useWorkspaceOf';
import { DetailDrawer } from '../ui/DetailDrawer';
import { Icon } from '../ui/Icon';
import { NoticeList } from '../ui/Notice';
import { EmptyNotice } from '../ui/Notices';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { Read } from '../ui/Read';
import { StatusBadge } from '../ui/StatusBadge';
import { shortTime } from '../ui/times';
import { useIsNarrow } from '../ui/useIsNarrow';
import { Activate } from './Activate';
import { hookOf, type MadePaths } from './hookOf';
import { NodeDetail } from './NodeDetail';
import { useGraph, useMadePaths, useNodeTypes, useWorkflow } from './queries';
import { RunNow, RunWithInput, useMayRun } from './RunNow';
import { startOf } from './startOf';
import { Tags } from './Tags';
import { WorkflowMenu } from './WorkflowMenu';
import classes from './WorkflowPage.module.css';

export function WorkflowPage() {
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
  const { data: graph } = useGraph(workflow.id, workflow.version);
  const made = useMadePaths(workflow.id, graph);
  const hooks = workflow.status === 'active' && graph !== undefined ? hooksOf(graph, made) : [];
  const hindrance = useHindrance(graph);
  return (
    <>
      <PageHead
        title={workflow.name}
        beside={
          <>
            <StatusBadge status={workflow.status} />
            <Tags tags={workflow.tags} />
            <Text size="sm" c="var(--ff-muted)">
              <Link to={`/workflows/${workflow.id}/versions`}>
                {workflow.version === null ? 'Draft, not published' : `Version ${workflow.version}`}
              </Link>
              {' · changed '}
              {shortTime(workflow.updated_at)}
              {hooks.map((hook) => (
                <Fragment key={hook}>
                  {' · started by '}
                  <Code display="inline-block" maw="100%" style={{ overflowWrap: 'anywhere' }}>
                    {hook}
                  </Code>
                </Fragment>
              ))}
            </Text>
          </>
        }
      >
        <EditLink workflow={workflow} />
        <Activate workflow={workflow} />
        {workflow.status !== 'archived' && <Pause what={{ kind: 'workflow', id: workflow.id }} />}
        <RunWithInput workflow={workflow} hindrance={hindrance} />
        <RunNow workflow={workflow} hindrance={hindrance} isMain />
        <WorkflowMenu workflow={workflow} />
      </PageHead>
      <NoticeList>
        <HoldNotice what={{ kind: 'workspace', id: workflow.workspace }} />
        <HoldNotice what={{ kind: 'workflow', id: workflow.id }} />
      </NoticeList>
      <WorkflowGraph workflow={workflow} />
      <Box mt="sm">
        <Notes about={{ kind: 'workflow', id: workflow.id }} />
      </Box>
      <Group justify="space-between" align="baseline" mt="lg" mb="xs">
        <Title order={2}>Latest runs</Title>
        {graph?.nodes.some(({ type }) => type === 'webhook') && (
          <Text size="sm">
            <Link to={`/workflows/${workflow.id}/requests`}>Requests to its webhooks</Link>
          </Text>
        )}
      </Group>
      <Panel>
        <LatestRuns workflow={workflow} hindrance={hindrance} />
      </Panel>
    </>
  );
}

/** Leads who may edit it to the canvas where its draft is built. */
function EditLink({ workflow }: { workflow: Workflow }) {
  const mayEdit = useMay('editor');
  if (!mayEdit || workflow.status === 'archived') return null;
  return (
    <Button
      component={Link}
      to={`/workflows/${workflow.id}/edit`}
      variant="default"
      leftSection={<Icon name="pencil" size={13} />}
    >
      Edit
    </Button>
  );
}

/** Why nothing can start it, or null where that is not known. */
function useHindrance(graph: Graph | undefined): string | null {
  const { kindOf } = useNodeTypes();
  if (graph === undefined || startOf(graph, kindOf) !== undefined) return null;
  return 'Its graph has no trigger, so nothing can start it.';
}

/** The requests that start the workflow: "POST /hooks/orders". */
function hooksOf(graph: Graph, made: MadePaths): string[] {
  return graph.nodes.flatMap((node) => {
    const hook = hookOf(node, made);
    return hook === null ? [] : [`${hook.methods.join(', ')} ${hook.path}`];
  });
}

/** The graph, and beside it the node that is selected. */
function WorkflowGraph({ workflow }: { workflow: Workflow }) {
  const reading = useGraph(workflow.id, workflow.version);
  const graph = reading.data;
  const made = useMadePaths(workflow.id, graph);
  const [selected, select] = useState<string | null>(null);
  const isNarrow = useIsNarrow();
  const close = () => select(null);
  const node = graph?.nodes.find(({ id }) => id === selected);
  const detail = graph !== undefined && node !== undefined && (
    <NodeDetail
      workflow={workflow}
      graph={graph}
      node={node}
      hook={hookOf(node, made)}
      onClose={close}
    />
  );
  return (
    <div className={classes.panes} data-with-detail={(!isNarrow && detail !== false) || undefined}>
      <Panel>
        <Read of={reading} what="the graph">
          {(graph) =>
            graph.nodes.length > 0 ? (
              <RunGraph graph={graph} selected={selected} onSelect={select} />
            ) : (
              <EmptyNotice title="This workflow has no node yet">
                <Link to={`/workflows/${workflow.id}/edit`}>Build it</Link>
              </EmptyNotice>
            )
          }
        </Read>
      </Panel>
      {isNarrow ? (
        <DetailDrawer what="Node" opened={detail !== false} onClose={close}>
          {detail}
        </DetailDrawer>
      ) : (
        detail !== false && <Panel className={classes.detail ?? ''}>{detail}</Panel>
      )}
    </div>
  );
}

interface LatestRunsProps {
  workflow: Workflow;
  hindrance: string | null;
}

function LatestRuns({ workflow, hindrance }: LatestRunsProps) {
  const mayRun = useMayRun(workflow);
  const runs = useRuns({ workspace: workflow.workspace, workflow: workflow.id, limit: 10 });
  return (
    <Read of={runs} what="its runs">
      {({ results }) =>
        results.length > 0 ? (
          <RunsTable runs={results} ofOneWorkflow />
        ) : (
          <EmptyNotice title="It has not run yet">
            {hindrance ?? (mayRun && '“Run now” starts it.')}
          </EmptyNotice>
        )
      }
    </Read>
  );
}
