import { useEffect } from 'react';
import { useSession } from './session';

/** A page of something in another of the person's workspaces takes them there. */
export function useWorkspaceOf(thing: { workspace: string } | undefined): void {
  const { me, workspace, selectWorkspace } = useSession();
  const home = thing?.workspace;
  useEffect(() => {
    const isMine = me.workspaces.some(({ id }) => id === home);
    if (home !== undefined && home !== workspace.id && isMine) selectWorkspace(home);
  }, [home, me, workspace.id, selectWorkspace]);
}
