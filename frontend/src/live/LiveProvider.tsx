import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, type ReactNode } from 'react';
import { HOLD } from '../holds/queries';
import { ME, useSession } from '../session/session';
import { LiveContext } from './live';
import { WorkspaceSocket } from './WorkspaceSocket';

/** Keeps the tab's one connection to the workspace that is looked at. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const { workspace } = useSession();
  const queryClient = useQueryClient();
  const socket = useMemo(() => new WorkspaceSocket(urlOf(workspace.id)), [workspace.id]);

  useEffect(() => {
    let wasLost = false;
    const stop = socket.onConnection(() => {
      // A lost connection may be a lost session.
      if (socket.connection === 'lost') void queryClient.invalidateQueries({ queryKey: ME });
      // What changed before it was open was told to nobody: since a list was read, or the loss.
      if (socket.connection === 'open') {
        void queryClient.invalidateQueries(wasLost ? {} : { queryKey: ['runs'] });
      }
      wasLost = socket.connection === 'lost';
    });
    const stopHolds = socket.onHold(() => {
      void queryClient.invalidateQueries({ queryKey: HOLD });
    });
    const retryNow = () => socket.retryNow();
    window.addEventListener('online', retryNow);
    document.addEventListener('visibilitychange', retryNow);
    socket.open();
    return () => {
      stop();
      stopHolds();
      window.removeEventListener('online', retryNow);
      document.removeEventListener('visibilitychange', retryNow);
      socket.close();
    };
  }, [socket, queryClient]);

  return <LiveContext value={socket}>{children}</LiveContext>;
}

function urlOf(workspace: string): string {
  const { protocol, host } = window.location;
  return `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/ws/workspaces/${workspace}`;
}
