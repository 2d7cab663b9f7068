import { Button, Table, Text } from '@mantine/core';
import { useState } from 'react';
import type { Invitation } from '../api/types';
import { useSession } from '../session/session';
import { Badge } from '../ui/Badge';
import { capitalized } from '../ui/capitalized';
import { ConfirmDeed } from '../ui/ConfirmDeed';
import list from '../ui/list.module.css';
import { Panel } from '../ui/Panel';
import { Read } from '../ui/Read';
import { fullTime, shortTime } from '../ui/times';
import { useFailureNotice } from '../ui/useFailureNotice';
import { HandOver } from './HandOver';
import { useInvitations, useSendAgain, useWithdraw } from './invitations';

/** Who is invited and has not answered yet, if anybody is. */
export function InvitationsPart() {
  const { workspace } = useSession();
  const invitations = useInvitations(workspace.id);
  return (
    <Read of={invitations} what="invitations">
      {({ results }) =>
        results.length > 0 && (
          <>
            <Text component="h2" size="sm" fw={600} mt="lg" mb={4} id="invitations">
              Invited, not here yet
            </Text>
            <Panel>
              <Table className={list.table} verticalSpacing={6} aria-labelledby="invitations">
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>Email</Table.Th>
                    <Table.Th className={list.wide}>Role</Table.Th>
                    <Table.Th>State</Table.Th>
                    <Table.Th className={list.wide}>Good until</Table.Th>
                    <Table.Th aria-label="Deeds" />
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {results.map((invitation) => (
                    <Row key={invitation.id} invitation={invitation} />
                  ))}
                </Table.Tbody>
              </Table>
            </Panel>
          </>
        )
      }
    </Read>
  );
}

function Row({ invitation }: { invitation: Invitation }) {
  const { workspace } = useSession();
  const again = useSendAgain(workspace.id, invitation);
  const withdrawal = useWithdraw(workspace.id, invitation);
  const [isShown, setShown] = useState(false);
  useFailureNotice(again.error, 'The invitation was not sent again');
  const { email, role, expires_at } = invitation;
  return (
    <Table.Tr>
      <Table.Td className={list.name} title={email}>
        {email}
      </Table.Td>
      <Table.Td className={list.wide}>{capitalized(role)}</Table.Td>
      <Table.Td className={list.wraps}>
        <State invitation={invitation} />
      </Table.Td>
      <Table.Td className={`${list.wide} ${list.number}`} title={fullTime(expires_at)}>
        {shortTime(expires_at)}
      </Table.Td>
      <Table.Td className={list.wraps} ta="right">
        <Button
          variant="subtle"
          size="compact-sm"
          aria-label={`Send again to ${email}`}
          loading={again.isPending}
          onClick={() => again.mutate(undefined, { onSuccess: () => setShown(true) })}
        >
          Send again
        </Button>
        <ConfirmDeed
          label="Withdraw"
          about={`the invitation of ${email}`}
          title={`Withdraw the invitation of ${email}?`}
          yes="Withdraw"
          no="Keep"
          deed={withdrawal}
        >
          Its link works no more.
        </ConfirmDeed>
        {isShown && again.data?.link && (
          <HandOver email={email} link={again.data.link} onClose={() => setShown(false)} />
        )}
      </Table.Td>
    </Table.Tr>
  );
}

function State({ invitation }: { invitation: Invitation }) {
  const { has_expired, is_void, mailed_at, mail_error } = invitation;
  if (has_expired) {
    return (
      <Badge tone="skipped" icon="clock">
        Expired
      </Badge>
    );
  }
  if (is_void) {
    return (
      <Badge
        tone="failed"
        icon="warning"
        title="Who sent it may not invite any more. Whoever sends it again stands for it."
      >
        Void
      </Badge>
    );
  }
  if (mail_error !== '') {
    return (
      <Badge tone="failed" icon="warning" title={mail_error}>
        Not sent
      </Badge>
    );
  }
  return (
    <Badge tone="waiting" icon="clock">
      {mailed_at === null ? 'Link handed over' : 'Mailed'}
    </Badge>
  );
}
