import { Table } from '@mantine/core';
import type { Member } from '../api/types';
import { RoleSelect } from '../session/RoleSelect';
import { useMay, useSession } from '../session/session';
import { capitalized } from '../ui/capitalized';
import { ConfirmDeed } from '../ui/ConfirmDeed';
import list from '../ui/list.module.css';
import { fullTime, shortTime } from '../ui/times';
import { useFailureNotice } from '../ui/useFailureNotice';
import { useChangeRole, useRemoveMember } from './queries';

const LAST_ADMIN = 'A workspace keeps at least one admin: make somebody else admin first.';

interface Props {
  members: Member[];
  /** Whether these are all that there are. */
  isAll: boolean;
}

export function MembersTable({ members, isAll }: Props) {
  const mayManage = useMay('admin');
  const admins = members.filter(({ role }) => role === 'admin');
  return (
    <Table className={list.table} verticalSpacing={6} aria-label="Members">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Email</Table.Th>
          <Table.Th>Role</Table.Th>
          <Table.Th className={list.wide}>Since</Table.Th>
          {mayManage && <Table.Th aria-label="Remove" />}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {members.map((member) => (
          <Row
            key={member.id}
            member={member}
            isLastAdmin={isAll && admins.length === 1 && admins[0] === member}
          />
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Row({ member, isLastAdmin }: { member: Member; isLastAdmin: boolean }) {
  const { me, workspace } = useSession();
  const mayManage = useMay('admin');
  const change = useChangeRole(workspace.id, member);
  const removal = useRemoveMember(workspace.id, member);
  useFailureNotice(change.error, 'The role is as it was');
  const isOneself = member.user === me.id;
  const refusal = isLastAdmin ? LAST_ADMIN : undefined;
  return (
    <Table.Tr>
      <Table.Td className={list.name} title={member.email}>
        {member.email} {isOneself && <span className={list.muted}>(you)</span>}
      </Table.Td>
      <Table.Td>
        {mayManage ? (
          <RoleSelect
            aria-label={`Role of ${member.email}`}
            value={change.isPending ? change.variables : member.role}
            disabled={isLastAdmin || change.isPending}
            title={refusal}
            onChange={(role) => role !== member.role && change.mutate(role)}
          />
        ) : (
          capitalized(member.role)
        )}
      </Table.Td>
      <Table.Td className={`${list.wide} ${list.number}`} title={fullTime(member.created_at)}>
        {shortTime(member.created_at)}
      </Table.Td>
      {mayManage && (
        <Table.Td ta="right">
          <ConfirmDeed
            label="Remove"
            about={member.email}
            refusal={refusal}
            title={isOneself ? `Leave ${workspace.name}?` : `Remove ${member.email}?`}
            yes={isOneself ? 'Leave' : 'Remove'}
            no="Keep"
            deed={removal}
          >
            {isOneself
              ? 'You see nothing of it any more, until an admin adds you again.'
              : 'They see nothing of this workspace any more. What they made stays.'}
          </ConfirmDeed>
        </Table.Td>
      )}
    </Table.Tr>
  );
}
