import { Table } from '@mantine/core';
import { Link } from 'react-router';
import type { Run } from '../api/types';
import list from '../ui/list.module.css';
import { StatusBadge } from '../ui/StatusBadge';
import { between, fullTime, shortTime } from '../ui/times';

interface Props {
  runs: Run[];
  /** All are of one workflow, which the page names: here it would only repeat itself. */
  ofOneWorkflow?: boolean;
}

/** Runs, newest first, each a link to its page. */
export function RunsTable({ runs, ofOneWorkflow = false }: Props) {
  return (
    <Table className={list.table} highlightOnHover verticalSpacing={6} aria-label="Runs">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Status</Table.Th>
          <Table.Th>{ofOneWorkflow ? 'Run' : 'Workflow'}</Table.Th>
          <Table.Th className={list.wide}>Version</Table.Th>
          <Table.Th className={list.wide}>Trigger</Table.Th>
          <Table.Th>Started</Table.Th>
          <Table.Th className={list.wide} ta="right">
            Duration
          </Table.Th>
          <Table.Th className={list.wide}>{ofOneWorkflow ? '' : 'Run'}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {runs.map((run) => (
          <Table.Tr key={run.id}>
            <Table.Td>
              <StatusBadge status={run.status} />
            </Table.Td>
            <Table.Td className={list.name} title={run.error_message ?? undefined}>
              <Link to={`/runs/${run.id}`}>
                {ofOneWorkflow ? <code>{tailOf(run.id)}</code> : run.workflow_name}
              </Link>
              {run.error_message !== null && (
                <span className={`${list.muted} ${list.wide}`}> · {run.error_message}</span>
              )}
            </Table.Td>
            <Table.Td className={list.wide}>v{run.version}</Table.Td>
            <Table.Td className={list.wide}>
              {run.trigger}
              {run.triggered_by_email !== null && (
                <span className={list.muted}> by {run.triggered_by_email}</span>
              )}
            </Table.Td>
            <Table.Td className={list.number} title={fullTime(run.started_at ?? run.created_at)}>
              {run.started_at === null && <span className={list.muted}>made </span>}
              {shortTime(run.started_at ?? run.created_at)}
            </Table.Td>
            <Table.Td className={`${list.wide} ${list.number}`} ta="right">
              {between(run.started_at, run.finished_at)}
            </Table.Td>
            {ofOneWorkflow ? (
              <Table.Td className={list.wide}>
                <Link to={`/runs/${run.id}/compare`}>Compare</Link>
              </Table.Td>
            ) : (
              <Table.Td className={`${list.wide} ${list.muted}`} ff="monospace" title={run.id}>
                {tailOf(run.id)}
              </Table.Td>
            )}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** What tells runs apart: the end of the id, for its beginning is the time. */
function tailOf(id: string): string {
  return id.slice(-8);
}
