import { useMay, useSession } from '../session/session';
import { EmptyNotice } from '../ui/Notices';
import { PageHead } from '../ui/PageHead';
import { PageTurner } from '../ui/PageTurner';
import { Panel } from '../ui/Panel';
import { Read } from '../ui/Read';
import { useFilters } from '../ui/useFilters';
import { KeysTable } from './KeysTable';
import { NewKey } from './NewKey';
import { useApiKeys } from './queries';

/** The keys by which programs come into the workspace. */
export function KeysPage() {
  const { workspace } = useSession();
  const mayManage = useMay('admin');
  return (
    <>
      <PageHead title="API keys">{mayManage && <NewKey workspace={workspace.id} />}</PageHead>
      <Panel>
        {mayManage ? (
          <Keys workspace={workspace.id} />
        ) : (
          <EmptyNotice title="API keys are for admins">
            You are {workspace.role} in {workspace.name}. Ask an admin of it for a key.
          </EmptyNotice>
        )}
      </Panel>
    </>
  );
}

function Keys({ workspace }: { workspace: string }) {
  const [{ cursor }, setFilter] = useFilters(['cursor'] as const);
  const keys = useApiKeys({ workspace, cursor });
  return (
    <Read of={keys} what="keys">
      {(page) =>
        page.results.length === 0 ? (
          <EmptyNotice title="No API key yet">
            A key lets a program do over <a href="/api/v1/docs">the API</a> what its role may, in
            this workspace alone: start runs, read what became of them, keep workflows in a
            repository. Make one for each program, so that each can be revoked by itself.
          </EmptyNotice>
        ) : (
          <>
            <KeysTable keys={page.results} workspace={workspace} />
            <PageTurner {...page} onTurn={(to) => setFilter('cursor', to)} />
          </>
        )
      }
    </Read>
  );
}
