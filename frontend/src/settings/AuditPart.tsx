import { Table } from '@mantine/core';
import { Link } from 'react-router';
import type { AuditEntry } from '../api/types';
import { useMay, useSession } from '../session/session';
import list from '../ui/list.module.css';
import { EmptyNotice } from '../ui/Notices';
import { PageTurner } from '../ui/PageTurner';
import { Panel } from '../ui/Panel';
import { Read } from '../ui/Read';
import { fullTime, shortTime } from '../ui/times';
import { useFilters } from '../ui/useFilters';
import { actionOf, detailOf, originOf, pageOf } from './audit';
import { useAudit } from './queries';
import classes from './settings.module.css';

/** Who changed what in the workspace. */
export function AuditPart() {
  const mayView = useMay('admin');
  const { workspace } = useSession();
  return (
    <Panel>
      {mayView ? (
        <Entries workspace={workspace.id} />
      ) : (
        <EmptyNotice title="The audit trail is for admins">
          You are {workspace.role} in {workspace.name}.
        </EmptyNotice>
      )}
    </Panel>
  );
}

function Entries({ workspace }: { workspace: string }) {
  const [{ cursor }, setFilter] = useFilters(['cursor'] as const);
  const entries = useAudit({ workspace, cursor });
  return (
    <Read of={entries} what="the audit trail">
      {(page) =>
        page.results.length === 0 ? (
          <EmptyNotice title="Nothing was changed yet">
            Each change of workflows, credentials, members and keys leaves an entry here: who, what,
            when.
          </EmptyNotice>
        ) : (
          <>
            <Table className={list.table} verticalSpacing={6} aria-label="Audit trail">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>When</Table.Th>
                  <Table.Th className={list.wide}>Who</Table.Th>
                  <Table.Th>What</Table.Th>
                  <Table.Th>Of</Table.Th>
                  <Table.Th className={list.wide}>How</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {page.results.map((entry) => (
                  <Entry key={entry.id} entry={entry} />
                ))}
              </Table.Tbody>
            </Table>
            <PageTurner {...page} onTurn={(to) => setFilter('cursor', to)} />
          </>
        )
      }
    </Read>
  );
}

function Entry({ entry }: { entry: AuditEntry }) {
  const page = pageOf(entry);
  const how = detailOf(entry);
  return (
    <Table.Tr>
      <Table.Td className={list.number} title={fullTime(entry.at)}>
        {shortTime(entry.at)}
      </Table.Td>
      <Table.Td className={list.wide}>
        {entry.who}
        <div className={classes.origin}>{originOf(entry)}</div>
      </Table.Td>
      <Table.Td>
        {actionOf(entry)}
        <div className={classes.narrow}>
          {entry.who}
          <div className={classes.origin}>{originOf(entry)}</div>
        </div>
      </Table.Td>
      <Table.Td className={list.name} title={entry.object_name}>
        {page === null ? entry.object_name : <Link to={page}>{entry.object_name}</Link>}
      </Table.Td>
      <Table.Td className={list.wide} title={how}>
        <span className={classes.value}>{how}</span>
      </Table.Td>
    </Table.Tr>
  );
}
