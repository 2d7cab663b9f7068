import { useEffect, useEffectEvent } from 'react';
import { useSession } from './session';

/**
 * A page of something in another of the person's workspaces takes them there: as it is opened, and
 * not again, for they may be about to leave it for another workspace.
 */
export function useWorkspaceOf(thing: { workspace: string } | undefined): void {
  const { me, workspace, selectWorkspace } = useSession();
  const home = thing?.workspace;
  const enter = useEffectEvent(() => {
    const isMine = me.workspaces.some(({ id }) => id === home);
    if (home !== undefined && home !== workspace.id && isMine) selectWorkspace(home);
  });
  useEffect(() => enter(), [home]);
}
