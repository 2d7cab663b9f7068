import { Text } from '@mantine/core';
import { ROLES } from '../session/roles';
import { useMay, useSession } from '../session/session';
import { capitalized } from '../ui/capitalized';
import { Facts } from '../ui/Facts';
import { PageHead } from '../ui/PageHead';
import { PageTurner } from '../ui/PageTurner';
import { Panel } from '../ui/Panel';
import { Read } from '../ui/Read';
import { useFilters } from '../ui/useFilters';
import { InvitationsPart } from './InvitationsPart';
import { InviteMember } from './InviteMember';
import { MembersTable } from './MembersTable';
import { useMembers } from './queries';

/** Who works in the workspace, and as what. */
export function MembersPage() {
  const { workspace } = useSession();
  const [{ cursor }, setFilter] = useFilters(['cursor'] as const);
  const members = useMembers({ workspace: workspace.id, cursor });
  const mayManage = useMay('admin');
  return (
    <>
      <PageHead
        title="Members"
        beside={
          !mayManage && (
            <Text size="sm" c="var(--ff-muted)">
              You are {workspace.role} here. Inviting members and changing roles takes the role
              admin.
            </Text>
          )
        }
      >
        {mayManage && <InviteMember workspace={workspace.id} />}
      </PageHead>
      <Panel>
        <Read of={members} what="members">
          {(page) => (
            <>
              <MembersTable
                members={page.results}
                isAll={page.next === null && page.previous === null}
              />
              <PageTurner {...page} onTurn={(to) => setFilter('cursor', to)} />
            </>
          )}
        </Read>
      </Panel>
      {mayManage && <InvitationsPart />}
      <Text size="sm" fw={600} mt="lg" mb={4}>
        What each role may do
      </Text>
      <Facts facts={Object.entries(ROLES).map(([role, may]) => [capitalized(role), may])} />
    </>
  );
}
