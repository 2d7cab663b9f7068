import { createContext, useContext, useEffect, useRef, useSyncExternalStore } from 'react';
import type { Connection, RunStatusChange, WorkspaceSocket } from './WorkspaceSocket';

export const LiveContext = createContext<WorkspaceSocket | null>(null);

export function useLive(): WorkspaceSocket {
  const socket = useContext(LiveContext);
  if (socket === null) throw new Error('useLive needs a LiveProvider around it');
  return socket;
}

export function useConnection(): Connection {
  const socket = useLive();
  return useSyncExternalStore(
    (listener) => socket.onConnection(listener),
    () => socket.connection,
  );
}

const GATHER_MS = 400;

/**
 * Hear the status changes of the workspace's runs, gathered: a busy workspace has hundreds a
 * second. Of each run only its last change is told.
 */
export function useRunStatusChanges(take: (changes: RunStatusChange[]) => void): void {
  const socket = useLive();
  const latest = useRef(take);
  useEffect(() => {
    latest.current = take;
  });
  useEffect(() => {
    const gathered = new Map<string, RunStatusChange>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tell = () => {
      timer = undefined;
      const changes = [...gathered.values()];
      gathered.clear();
      latest.current(changes);
    };
    const stop = socket.onStatus((change) => {
      gathered.set(change.run, change);
      timer ??= setTimeout(tell, GATHER_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [socket]);
}
