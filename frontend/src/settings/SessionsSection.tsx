import { Table } from '@mantine/core';
import type { OwnSession } from '../api/types';
import { ConfirmDeed } from '../ui/ConfirmDeed';
import list from '../ui/list.module.css';
import { Read } from '../ui/Read';
import { fullTime, shortTime } from '../ui/times';
import { useEndSession, useSessions } from './queries';
import classes from './settings.module.css';

/** Where one is signed in, and how that ends. */
export function SessionsSection() {
  const sessions = useSessions();
  const others = useEndSession();
  return (
    <section className={classes.section}>
      <h2>Where you are signed in</h2>
      <Read of={sessions} what="your sessions">
        {({ results }) => (
          <>
            <Table className={list.table} verticalSpacing={6} aria-label="Sessions">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Browser</Table.Th>
                  <Table.Th className={list.wide}>Address</Table.Th>
                  <Table.Th className={list.wide}>Since</Table.Th>
                  <Table.Th>Last seen</Table.Th>
                  <Table.Th aria-label="Sign out" />
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {results.map((session) => (
                  <Row key={session.id} session={session} />
                ))}
              </Table.Tbody>
            </Table>
            {results.some(({ is_this }) => !is_this) && (
              <ConfirmDeed
                label="Sign out everywhere else"
                title="Sign out everywhere else?"
                yes="Sign out"
                no="Not now"
                deed={others}
              >
                All your other sessions end at once. You stay signed in here.
              </ConfirmDeed>
            )}
          </>
        )}
      </Read>
    </section>
  );
}

function Row({ session }: { session: OwnSession }) {
  const end = useEndSession(session);
  const { browser, address, created_at, seen_at, is_this } = session;
  return (
    <Table.Tr>
      <Table.Td className={list.name} title={browser}>
        {browser} {is_this && <span className={list.muted}>(here)</span>}
      </Table.Td>
      <Table.Td className={`${list.wide} ${list.number}`}>{address ?? 'unknown'}</Table.Td>
      <Table.Td className={`${list.wide} ${list.number}`} title={fullTime(created_at)}>
        {shortTime(created_at)}
      </Table.Td>
      <Table.Td className={list.number} title={fullTime(seen_at)}>
        {shortTime(seen_at)}
      </Table.Td>
      <Table.Td ta="right">
        {!is_this && (
          <ConfirmDeed
            label="Sign out"
            about={`${browser}, last seen ${shortTime(seen_at)}`}
            title={`Sign out ${browser}?`}
            yes="Sign out"
            no="Not now"
            deed={end}
          >
            Whoever uses that browser has to sign in again.
          </ConfirmDeed>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
