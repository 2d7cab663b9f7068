import { Group, Table } from '@mantine/core';
import { Link } from 'react-router';
import type { ListedWorkflow } from '../api/types';
import { Icon } from '../ui/Icon';
import list from '../ui/list.module.css';
import { StatusBadge, StatusSign } from '../ui/StatusBadge';
import { fullTime, shortTime } from '../ui/times';
import { RunNow } from './RunNow';
import { Tags } from './Tags';
import { WorkflowMenu } from './WorkflowMenu';
import classes from './WorkflowsTable.module.css';

/** Workflows, and of each how it stands: its last run, when its schedules fire next. */
export function WorkflowsTable({ workflows }: { workflows: ListedWorkflow[] }) {
  return (
    <Table className={list.table} highlightOnHover verticalSpacing={6} aria-label="Workflows">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Name</Table.Th>
          <Table.Th>Status</Table.Th>
          <Table.Th className={list.wide}>Version</Table.Th>
          <Table.Th className={list.wide}>Last run</Table.Th>
          <Table.Th className={list.wide}>Fires next</Table.Th>
          <Table.Th className={list.wide}>Last change</Table.Th>
          <Table.Th aria-label="Deeds" />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {workflows.map((workflow) => (
          <Row key={workflow.id} workflow={workflow} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Row({ workflow }: { workflow: ListedWorkflow }) {
  return (
    <Table.Tr>
      <Table.Td className={list.name} title={workflow.name}>
        <Link to={`/workflows/${workflow.id}`}>{workflow.name}</Link> <Tags tags={workflow.tags} />
      </Table.Td>
      <Table.Td>
        <StatusBadge status={workflow.status} />
        {workflow.held && (
          <span className={classes.held} title="None of its runs begins or goes on">
            <Icon name="pause" size={12} /> <span className={list.wide}>Paused</span>
          </span>
        )}
      </Table.Td>
      <Table.Td className={list.wide}>
        {workflow.version === null ? (
          <span className={list.muted}>Not published</span>
        ) : (
          `v${workflow.version}`
        )}
      </Table.Td>
      <Table.Td className={list.wide}>
        <LastRunLink workflow={workflow} />
      </Table.Td>
      <Moment at={workflow.next_run_at} />
      <Moment at={workflow.updated_at} />
      <Table.Td>
        <Group gap={4} justify="flex-end" wrap="nowrap">
          <span className={list.wide}>
            <RunNow workflow={workflow} />
          </span>
          <WorkflowMenu workflow={workflow} />
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}

function Moment({ at }: { at: string | null }) {
  return (
    <Table.Td
      className={`${list.wide} ${list.number}`}
      title={at === null ? undefined : fullTime(at)}
    >
      {at === null ? <span className={list.muted}>–</span> : shortTime(at)}
    </Table.Td>
  );
}

function LastRunLink({ workflow: { last_run: run } }: { workflow: ListedWorkflow }) {
  if (run === null) return <span className={list.muted}>None yet</span>;
  return (
    <Link
      className={classes.run}
      to={`/runs/${run.id}`}
      title={fullTime(run.created_at)}
      aria-label={`Last run: ${run.status}, ${shortTime(run.created_at)}`}
    >
      <StatusSign status={run.status} />
      <span className={list.number}>{shortTime(run.created_at)}</span>
    </Link>
  );
}
