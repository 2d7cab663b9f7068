import { act, screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { listed, ME, pageOf, Problem, renderApp, run } from '../test/renderApp';
import type { Role } from '../api/types';

const nobody = { 'GET /me': new Problem(401, 'Sign in first.') };

test('who is not signed in signs in, and comes to the page that was asked for', async () => {
  const app = renderApp('/runs?status=failed', {
    ...nobody,
    'POST /auth/login': ME,
    'GET /runs': pageOf(),
    'GET /workflows': pageOf(),
  });
  await app.user.type(await screen.findByLabelText('Email'), 'ada@example.org');
  await app.user.type(screen.getByLabelText('Password'), 'secret');
  await app.user.click(screen.getByRole('button', { name: 'Sign in' }));
  expect(await screen.findByRole('heading', { name: 'Runs' })).toBeVisible();
  await waitFor(() => expect(app.path()).toBe('/runs?status=failed'));
  expect(app.sent('POST /auth/login')[0]?.body).toBe(
    '{"email":"ada@example.org","password":"secret"}',
  );
});

test('a wrong password is said in the words of the server', async () => {
  const app = renderApp('/login', {
    ...nobody,
    'POST /auth/login': new Problem(400, 'Email and password do not match.'),
  });
  await app.user.type(await screen.findByLabelText('Email'), 'ada@example.org');
  await app.user.type(screen.getByLabelText('Password'), 'wrong');
  await app.user.click(screen.getByRole('button', { name: 'Sign in' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('Email and password do not match.');
});

test('signing in leads to no other site', async () => {
  const app = renderApp('/login?next=//evil.test/', { 'GET /workflows': pageOf() });
  await screen.findByRole('heading', { name: 'Workflows' });
  await waitFor(() => expect(app.path()).toBe('/workflows'));
});

test('signing out sends the CSRF token', async () => {
  document.cookie = 'csrftoken=t0ken';
  const app = renderApp('/workflows', { 'GET /workflows': pageOf(), 'POST /auth/logout': {} });
  await signOut(app);
  expect(await screen.findByRole('heading', { name: 'Sign in' })).toBeVisible();
  expect(app.sent('POST /auth/logout')[0]?.headers.get('X-CSRFToken')).toBe('t0ken');
});

const BOB = { ...ME, id: 'u2', email: 'bob@example.org' };
const never = new Promise<never>(() => undefined);

async function signOut(app: ReturnType<typeof renderApp>) {
  await app.user.click(await screen.findByRole('button', { name: 'Menu' }));
  await app.user.click(await screen.findByRole('menuitem', { name: 'Sign out' }));
}

async function signInAsBob(app: ReturnType<typeof renderApp>) {
  app.answer('POST /auth/login', BOB);
  app.answer('GET /me', BOB);
  await app.user.type(await screen.findByLabelText('Email'), BOB.email);
  await app.user.type(screen.getByLabelText('Password'), 'secret');
  await app.user.click(screen.getByRole('button', { name: 'Sign in' }));
}

test('who signs in after somebody signed out is shown nothing that was read before', async () => {
  const app = renderApp('/workflows', {
    'GET /workflows': pageOf(listed()),
    'POST /auth/logout': {},
  });
  await screen.findByText('Handle webhooks');
  app.answer('GET /workflows', never);
  await signOut(app);
  await signInAsBob(app);
  expect(await screen.findByText('Loading workflows…')).toBeVisible();
  expect(screen.queryByText('Handle webhooks')).toBeNull();
});

test('who signs in after a session ended is shown nothing that was read before', async () => {
  const app = renderApp('/runs/r1', { 'GET /runs/r1': run() });
  await screen.findByRole('link', { name: 'Handle webhooks' });
  app.answer('GET /me', new Problem(401, 'Sign in first.'));
  app.answer('GET /runs/r1', never);
  app.socket().break();
  await signInAsBob(app);
  expect(await screen.findByText('Loading the run…')).toBeVisible();
  expect(screen.queryByText('Handle webhooks')).toBeNull();
});

test('who is somebody else since another tab signed them in sees their own pages', async () => {
  const app = renderApp('/workflows', { 'GET /workflows': pageOf(listed()) });
  await screen.findByText('Handle webhooks');
  app.answer('GET /me', BOB);
  app.answer('GET /workflows', never);
  app.socket().break();
  expect(await screen.findByText('Loading workflows…')).toBeVisible();
  expect(screen.queryByText('Handle webhooks')).toBeNull();
});

test('what may not be seen any more is not shown any more', async () => {
  const app = renderApp('/runs/r1', { 'GET /runs/r1': run() });
  await screen.findByRole('link', { name: 'Handle webhooks' });
  app.answer('GET /runs/r1', new Problem(404, 'There is nothing here.'));
  app.socket().break();
  await waitFor(() => expect(app.sent('GET /runs/r1').length).toBeGreaterThan(1), {
    timeout: 3_000,
  });
  expect(await screen.findByText('There is nothing here.')).toBeVisible();
  expect(screen.queryByText('Handle webhooks')).toBeNull();
});

test('a sign-out that failed is said, for the session goes on', async () => {
  const app = renderApp('/workflows', {
    'GET /workflows': pageOf(),
    'POST /auth/logout': new Problem(500, 'It broke.'),
  });
  await signOut(app);
  const notice = await screen.findByRole('alert');
  expect(notice).toHaveTextContent('You are still signed in');
  expect(within(notice).getByRole('button', { name: 'Close' })).toBeVisible();
});

test('each page has its name, and who follows a link goes on there', async () => {
  const app = renderApp('/workflows', { 'GET /workflows': pageOf(), 'GET /runs': pageOf() });
  await waitFor(() => expect(document.title).toBe('Workflows · FlowForge'));
  await app.user.click(screen.getByRole('link', { name: 'Runs' }));
  await waitFor(() => expect(document.title).toBe('Runs · FlowForge'));
  expect(screen.getByRole('main')).toHaveFocus();
});

test('a session that ended leads to the sign-in page', async () => {
  renderApp('/workflows', { 'GET /workflows': new Problem(401, 'Sign in first.') });
  expect(await screen.findByRole('heading', { name: 'Sign in' })).toBeVisible();
});

test('only staff see the way to the admin', async () => {
  const staff = { ...ME, is_staff: true };
  const app = renderApp('/workflows', { 'GET /workflows': pageOf(), 'GET /me': staff });
  await app.user.click(await screen.findByRole('button', { name: 'Menu' }));
  const way = await screen.findByRole('menuitem', { name: 'Admin' });
  expect(way).toHaveAttribute('href', '/admin/');
});

test.each<[Role, string[]]>([
  ['viewer', ['Members', 'Settings', 'Sign out']],
  ['admin', ['Members', 'API keys', 'Settings', 'Sign out']],
])('the menu offers a %s what they may see', async (role, ways) => {
  const workspaces = [{ id: 'w1', name: 'Demo', role }];
  const app = renderApp('/workflows', {
    'GET /workflows': pageOf(),
    'GET /me': { ...ME, workspaces },
  });
  await app.user.click(await screen.findByRole('button', { name: 'Menu' }));
  const offered = await screen.findAllByRole('menuitem');
  expect(offered.map(({ textContent }) => textContent)).toEqual(ways);
});

test('who is in no workspace is told so', async () => {
  renderApp('/workflows', { 'GET /me': { ...ME, workspaces: [] } });
  expect(await screen.findByText('You are in no workspace yet')).toBeVisible();
});

test('another workspace shows its workflows and its live changes', async () => {
  const workspaces = [...ME.workspaces, { id: 'w2', name: 'Finance', role: 'viewer' }];
  const app = renderApp('/workflows', {
    'GET /me': { ...ME, workspaces },
    'GET /workflows': pageOf(),
  });
  await app.user.click(await screen.findByRole('combobox', { name: 'Workspace' }));
  await app.user.click(await screen.findByRole('option', { name: 'Finance' }));
  await waitFor(() => expect(app.sent('GET /workflows').at(-1)?.query.get('workspace')).toBe('w2'));
  expect(app.socket().url).toMatch(/\/ws\/workspaces\/w2$/);
});

test('while another workspace is read, nothing of the one before is shown', async () => {
  const workspaces = [...ME.workspaces, { id: 'w2', name: 'Finance', role: 'viewer' }];
  const app = renderApp('/workflows', {
    'GET /me': { ...ME, workspaces },
    'GET /workflows': ({ query }: { query: URLSearchParams }) =>
      query.get('workspace') === 'w2' ? never : pageOf(listed()),
  });
  await screen.findByText('Handle webhooks');
  await app.user.click(await screen.findByRole('combobox', { name: 'Workspace' }));
  await app.user.click(await screen.findByRole('option', { name: 'Finance' }));
  expect(await screen.findByText('Loading workflows…')).toBeVisible();
  expect(screen.queryByText('Handle webhooks')).toBeNull();
});

test('a lost connection is said until it is back', async () => {
  const app = renderApp('/workflows', { 'GET /workflows': pageOf() });
  await screen.findByText('No workflow yet');
  app.socket().break();
  expect(await screen.findByText(/live connection was lost/)).toBeVisible();
  await waitFor(() => expect(screen.queryByText(/live connection was lost/)).toBeNull(), {
    timeout: 3_000,
  });
});

test('each page tells which installation it is, where that is said', async () => {
  renderApp('/runs', { 'GET /me': { ...ME, environment: 'STAGING' }, 'GET /runs': pageOf() });
  expect(await screen.findByText('STAGING')).toBeVisible();
});

const TWO = {
  ...ME,
  workspaces: [...ME.workspaces, { id: 'w2', name: 'Finance', role: 'viewer' }],
};

test('the workspace that is chosen in another tab is chosen there alone', async () => {
  const app = renderApp('/runs/r1', { 'GET /me': TWO, 'GET /runs/r1': run() });
  await screen.findByRole('link', { name: 'Handle webhooks' });
  const key = 'flowforge.workspace';
  window.localStorage.setItem(key, '"w2"');
  act(() => {
    window.dispatchEvent(
      new StorageEvent('storage', { key, newValue: '"w2"', storageArea: window.localStorage }),
    );
  });
  // Written back, it would take the other tab out of its workspace, and that one this tab again.
  expect(window.localStorage.getItem(key)).toBe('"w2"');
  expect(app.socket().url).toMatch(/\/ws\/workspaces\/w1$/);
});

test('from a page of a thing one gets to another workspace, too', async () => {
  const app = renderApp('/runs/r1', {
    'GET /me': TWO,
    'GET /runs/r1': run(),
    'GET /workflows': pageOf(),
    'GET /workspaces/w2/workflow-tags': { results: [] },
  });
  await screen.findByRole('link', { name: 'Handle webhooks' });
  await app.user.click(await screen.findByRole('combobox', { name: 'Workspace' }));
  await app.user.click(await screen.findByRole('option', { name: 'Finance' }));
  await screen.findByRole('heading', { name: 'Workflows' });
  expect(app.sent('GET /workflows').at(-1)?.query.get('workspace')).toBe('w2');
});
