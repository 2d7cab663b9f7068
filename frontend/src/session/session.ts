import { useQuery } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import { ApiError, get } from '../api/client';
import type { Me, Role, Workspace } from '../api/types';

export const ME = ['me'] as const;

/** Who is signed in: null for nobody. The answer also brings the CSRF cookie. */
export function useMe() {
  return useQuery({
    queryKey: ME,
    queryFn: async ({ signal }): Promise<Me | null> => {
      try {
        return await get<Me>('/me', {}, signal);
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) return null;
        throw error;
      }
    },
    staleTime: Infinity,
  });
}

export interface Session {
  me: Me;
  workspace: Workspace;
  selectWorkspace: (id: string) => void;
}

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('useSession needs a signed-in page around it');
  return session;
}

const RANK: Role[] = ['viewer', 'operator', 'editor', 'admin'];

/** Whether the person's role in this workspace reaches `role`. The server decides in the end. */
export function useMay(role: Role): boolean {
  const { workspace } = useSession();
  return RANK.indexOf(workspace.role) >= RANK.indexOf(role);
}
