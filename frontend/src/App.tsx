import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useState } from 'react';
import { Navigate, Outlet, Route, Routes } from 'react-router';
import { LiveProvider } from './live/LiveProvider';
import { Shell } from './session/Shell';
import { SignedIn } from './session/SignedIn';
import { SignInPage } from './session/SignInPage';
import { newQueryClient } from './api/queryClient';
import { CrashNotice } from './ui/CrashNotice';
import { EmptyNotice } from './ui/Notices';
import { lazyPage } from './ui/lazyPage';
import { theme } from './ui/theme';
import { WindowTitle } from './ui/WindowTitle';
import { WorkflowsPage } from './workflows/WorkflowsPage';

// All but the first page is loaded once somebody opens it: that one stands sooner.
const WorkflowPage = lazyPage(async () => (await import('./workflows/WorkflowPage')).WorkflowPage);
const EditorPage = lazyPage(async () => (await import('./editor/EditorPage')).EditorPage);
const VersionsPage = lazyPage(async () => (await import('./versions/VersionsPage')).VersionsPage);
const RequestsPage = lazyPage(async () => (await import('./webhooks/RequestsPage')).RequestsPage);
const CredentialsPage = lazyPage(
  async () => (await import('./credentials/CredentialsPage')).CredentialsPage,
);
const ComparePage = lazyPage(async () => (await import('./runs/ComparePage')).ComparePage);
const MembersPage = lazyPage(async () => (await import('./members/MembersPage')).MembersPage);
const KeysPage = lazyPage(async () => (await import('./keys/KeysPage')).KeysPage);
const SettingsPage = lazyPage(async () => (await import('./settings/SettingsPage')).SettingsPage);
const RunsPage = lazyPage(async () => (await import('./runs/RunsPage')).RunsPage);
const SchedulesPage = lazyPage(
  async () => (await import('./schedules/SchedulesPage')).SchedulesPage,
);
const RunPage = lazyPage(async () => (await import('./runs/RunPage')).RunPage);

export function App() {
  const [queryClient] = useState<QueryClient>(newQueryClient);
  return (
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      env={import.meta.env.MODE === 'test' ? 'test' : 'default'}
    >
      <Notifications position="bottom-right" />
      <CrashNotice>
        <QueryClientProvider client={queryClient}>
          <Routes>
            <Route path="/login" element={<SignInPage />} />
            <Route element={<SignedInPages />}>
              <Route element={<Shell />}>
                <Route path="/" element={<Navigate to="/workflows" replace />} />
                <Route path="/workflows" element={<WorkflowsPage />} />
                <Route path="/workflows/:id" element={<WorkflowPage />} />
                <Route path="/workflows/:id/edit" element={<EditorPage />} />
                <Route path="/workflows/:id/versions" element={<VersionsPage />} />
                <Route path="/workflows/:id/requests" element={<RequestsPage />} />
                <Route path="/runs" element={<RunsPage />} />
                <Route path="/schedules" element={<SchedulesPage />} />
                <Route path="/runs/:id" element={<RunPage />} />
                <Route path="/runs/:id/compare/:other?" element={<ComparePage />} />
                <Route path="/credentials" element={<CredentialsPage />} />
                <Route path="/members" element={<MembersPage />} />
                <Route path="/api-keys" element={<KeysPage />} />
                <Route path="/settings/*" element={<SettingsPage />} />
                <Route path="*" element={<NoSuchPage />} />
              </Route>
            </Route>
          </Routes>
        </QueryClientProvider>
      </CrashNotice>
    </MantineProvider>
  );
}

function SignedInPages() {
  return (
    <SignedIn>
      <LiveProvider>
        <Outlet />
      </LiveProvider>
    </SignedIn>
  );
}

function NoSuchPage() {
  return (
    <>
      <WindowTitle>No such page</WindowTitle>
      <EmptyNotice title="There is no such page">The link may be old or mistyped.</EmptyNotice>
    </>
  );
}
