import { Container } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { useMemo, type ReactNode } from 'react';
import { Navigate, useLocation } from 'react-router';
import { EmptyNotice, ErrorNotice, LoadingNotice } from '../ui/Notices';
import { SessionContext, useMe } from './session';

/** Shows its children to who is signed in, and the sign-in page to everybody else. */
export function SignedIn({ children }: { children: ReactNode }) {
  const { data: me, error, refetch } = useMe();
  const location = useLocation();
  const [chosen, choose] = useLocalStorage({
    key: 'flowforge.workspace',
    defaultValue: '',
    getInitialValueInEffect: false,
    // Each tab keeps its own: pages of two workspaces would take it from each other without end.
    sync: false,
  });
  const workspace = me?.workspaces.find(({ id }) => id === chosen) ?? me?.workspaces[0];
  const session = useMemo(
    () => (me && workspace ? { me, workspace, selectWorkspace: choose } : null),
    [me, workspace, choose],
  );

  if (me === null) {
    const next = location.pathname + location.search;
    return <Navigate to={`/login?${new URLSearchParams({ next }).toString()}`} replace />;
  }
  if (session !== null) {
    // Another person begins with pages of their own.
    return (
      <SessionContext key={session.me.id} value={session}>
        {children}
      </SessionContext>
    );
  }
  return (
    <Container size="xs" pt={80}>
      {me !== undefined ? (
        <EmptyNotice title="You are in no workspace yet">
          Ask an admin of a workspace to add {me.email} as a member.
        </EmptyNotice>
      ) : error !== null ? (
        <ErrorNotice error={error} onRetry={() => void refetch()} />
      ) : (
        <LoadingNotice what="your workspaces" />
      )}
    </Container>
  );
}
