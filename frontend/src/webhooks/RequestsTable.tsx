import { Table } from '@mantine/core';
import { Link } from 'react-router';
import type { HookRequest } from '../api/types';
import { byteSize } from '../ui/byteSize';
import list from '../ui/list.module.css';
import { StatusBadge } from '../ui/StatusBadge';
import { fullTime, shortTime } from '../ui/times';

interface Props {
  requests: HookRequest[];
  selected: string | null;
  /** Where the link of a request leads, which shows it. */
  searchOf: (request: string) => string;
}

/** Requests, newest first, each with the run that it made. */
export function RequestsTable({ requests, selected, searchOf }: Props) {
  return (
    <Table className={list.table} highlightOnHover verticalSpacing={6} aria-label="Requests">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Received</Table.Th>
          <Table.Th>Request</Table.Th>
          <Table.Th className={list.wide} ta="right">
            Size
          </Table.Th>
          <Table.Th className={list.wide}>From</Table.Th>
          <Table.Th>Run</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {requests.map((request) => (
          <Table.Tr
            key={request.id}
            className={list.opens}
            data-selected={request.id === selected || undefined}
          >
            <Table.Td className={list.number} title={fullTime(request.received_at)}>
              {shortTime(request.received_at)}
            </Table.Td>
            <Table.Td className={list.name} title={`/hooks/${request.path}`}>
              <Link
                to={{ search: searchOf(request.id) }}
                aria-current={request.id === selected || undefined}
              >
                {request.method} /hooks/{request.path}
              </Link>
            </Table.Td>
            <Table.Td className={`${list.wide} ${list.number}`} ta="right">
              {byteSize(request.size)}
            </Table.Td>
            <Table.Td className={list.wide}>{request.address}</Table.Td>
            <Table.Td>
              {request.run !== null && request.run_status !== null ? (
                <Link to={`/runs/${request.run}`} aria-label={`Its run: ${request.run_status}`}>
                  <StatusBadge status={request.run_status} />
                </Link>
              ) : (
                <span className={list.muted}>No run</span>
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
