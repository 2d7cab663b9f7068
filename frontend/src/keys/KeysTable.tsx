import { Table } from '@mantine/core';
import type { ApiKey } from '../api/types';
import { Badge } from '../ui/Badge';
import { capitalized } from '../ui/capitalized';
import { ConfirmDeed } from '../ui/ConfirmDeed';
import list from '../ui/list.module.css';
import { fullTime, isOver, shortTime } from '../ui/times';
import { useRevokeKey } from './queries';

interface Props {
  keys: ApiKey[];
  workspace: string;
}

export function KeysTable({ keys, workspace }: Props) {
  return (
    <Table className={list.table} verticalSpacing={6} aria-label="API keys">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Name</Table.Th>
          <Table.Th>Key</Table.Th>
          <Table.Th className={list.wide}>Role</Table.Th>
          <Table.Th className={list.wide}>Made</Table.Th>
          <Table.Th className={list.wide}>Last used</Table.Th>
          <Table.Th className={list.wide}>Expires</Table.Th>
          <Table.Th aria-label="Revoke" />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {keys.map((key) => (
          <Table.Tr key={key.id}>
            <Table.Td className={list.name} title={key.name}>
              {key.name === '' ? <span className={list.muted}>No name</span> : key.name}
            </Table.Td>
            <Table.Td>
              <code>ff_{key.prefix}_…</code>
            </Table.Td>
            <Table.Td className={list.wide}>{capitalized(key.role)}</Table.Td>
            <Table.Td className={`${list.wide} ${list.number}`} title={fullTime(key.created_at)}>
              {shortTime(key.created_at)}
            </Table.Td>
            <Table.Td className={`${list.wide} ${list.number}`}>
              <Moment at={key.last_used_at} />
            </Table.Td>
            <Table.Td className={`${list.wide} ${list.number}`}>
              <Moment at={key.expires_at} />
            </Table.Td>
            <Table.Td ta="right">
              <Standing apiKey={key} workspace={workspace} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Moment({ at }: { at: string | null }) {
  if (at === null) return <span className={list.muted}>Never</span>;
  return <span title={fullTime(at)}>{shortTime(at)}</span>;
}

/** Why a key opens nothing any more, or how to have that. */
function Standing({ apiKey, workspace }: { apiKey: ApiKey; workspace: string }) {
  const revocation = useRevokeKey(workspace, apiKey);
  if (apiKey.revoked_at !== null) {
    return (
      <Badge tone="skipped" icon="stop" title={fullTime(apiKey.revoked_at)}>
        Revoked
      </Badge>
    );
  }
  if (apiKey.expires_at !== null && isOver(apiKey.expires_at)) {
    return (
      <Badge tone="skipped" icon="clock">
        Expired
      </Badge>
    );
  }
  const called = apiKey.name === '' ? `ff_${apiKey.prefix}` : apiKey.name;
  return (
    <ConfirmDeed
      label="Revoke"
      about={called}
      title={`Revoke “${called}”?`}
      yes="Revoke"
      no="Keep it"
      deed={revocation}
    >
      The program that has it gets no further answer, and its open streams end. This cannot be
      undone.
    </ConfirmDeed>
  );
}
