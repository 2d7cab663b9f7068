import { Table } from '@mantine/core';
import { Link } from 'react-router';
import type { Credential, CredentialType, CredentialUse } from '../api/types';
import { Badge } from '../ui/Badge';
import { counted } from '../ui/counted';
import list from '../ui/list.module.css';
import { fullTime, shortTime } from '../ui/times';
import { stateOf } from './state';

interface Props {
  credentials: Credential[];
  typeOf: (type: string) => CredentialType | undefined;
  selected: string | null;
  /** Where the link of a credential leads, which shows it. */
  searchOf: (credential: string) => string;
}

export function CredentialsTable({ credentials, typeOf, selected, searchOf }: Props) {
  return (
    <Table className={list.table} highlightOnHover verticalSpacing={6} aria-label="Credentials">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Name</Table.Th>
          <Table.Th className={list.wide}>Type</Table.Th>
          <Table.Th className={list.wide}>Used by</Table.Th>
          <Table.Th className={list.wide}>Last used</Table.Th>
          <Table.Th>State</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {credentials.map((credential) => (
          <Table.Tr
            key={credential.id}
            className={list.opens}
            data-selected={credential.id === selected || undefined}
          >
            <Table.Td className={list.name} title={credential.name}>
              <Link
                to={{ search: searchOf(credential.id) }}
                aria-current={credential.id === selected || undefined}
              >
                {credential.name}
              </Link>
            </Table.Td>
            <Table.Td className={list.wide}>
              {typeOf(credential.type)?.label ?? credential.type}
            </Table.Td>
            <Table.Td className={list.wide}>
              <Uses uses={credential.used_by ?? []} />
            </Table.Td>
            <Table.Td className={`${list.wide} ${list.number}`}>
              {credential.last_used_at === null ? (
                <span className={list.muted}>Never</span>
              ) : (
                <span title={fullTime(credential.last_used_at)}>
                  {shortTime(credential.last_used_at)}
                </span>
              )}
            </Table.Td>
            <Table.Td>
              <State credential={credential} type={typeOf(credential.type)} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Uses({ uses }: { uses: CredentialUse[] }) {
  const names = new Map(uses.map(({ workflow, name }) => [workflow, name]));
  if (names.size === 0) return <span className={list.muted}>None</span>;
  return <span title={[...names.values()].join(', ')}>{counted(names.size, 'workflow')}</span>;
}

interface StateProps {
  credential: Credential;
  type: CredentialType | undefined;
}

/** Whether it can be used, as far as is known. */
export function State({ credential, type }: StateProps) {
  const { tone, icon, word, told } = stateOf(credential, type);
  return (
    <Badge tone={tone} icon={icon} title={told}>
      {word}
    </Badge>
  );
}
