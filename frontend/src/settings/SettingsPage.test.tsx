import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { AuditEntry, Variable } from '../api/types';
import { ME, NOT_HELD, pageOf, Problem, renderApp } from '../test/renderApp';

const ADMIN = { ...ME, workspaces: [{ id: 'w1', name: 'Demo', role: 'admin' as const }] };
const VIEWER = { ...ME, workspaces: [{ id: 'w1', name: 'Demo', role: 'viewer' as const }] };

const SHOP: Variable = {
  id: 'v1',
  name: 'shop',
  value: 'Berlin',
  created_at: '2026-01-01T00:00:00.000Z',
};
const VARIABLES = 'GET /workspaces/w1/variables';

const entry = (rest: Partial<AuditEntry> = {}): AuditEntry => ({
  id: 'a1',
  at: '2026-01-01T00:00:00.000Z',
  action: 'member.change_role',
  who: 'ada@example.org',
  way: 'web',
  address: '192.0.2.7',
  user: 'u1',
  user_email: 'ada@example.org',
  api_key: null,
  api_key_prefix: null,
  object_type: 'membership',
  object_id: 'm2',
  object_name: 'bob@example.org',
  detail: { changes: { role: ['viewer', 'editor'] } },
  ...rest,
});

test('an admin renames the workspace, and the header says so', async () => {
  const app = renderApp('/settings', { 'GET /me': ADMIN, 'PATCH /workspaces/w1': {} });
  const name = await screen.findByRole('textbox', { name: 'Name' });
  await app.user.type(name, ' shop');
  const workspaces = [{ id: 'w1', name: 'Demo shop', role: 'admin' as const }];
  app.answer('GET /me', { ...ADMIN, workspaces });
  await app.user.click(screen.getByRole('button', { name: 'Rename' }));
  await waitFor(() =>
    expect(screen.getByRole('combobox', { name: 'Workspace' })).toHaveValue('Demo shop'),
  );
  expect(app.sent('PATCH /workspaces/w1')[0]?.body).toBe('{"name":"Demo shop"}');
});

test('who is no admin is offered neither a name nor a pause nor the audit trail', async () => {
  renderApp('/settings');
  expect(await screen.findByText(/takes the role admin/)).toBeVisible();
  expect(screen.queryByRole('textbox', { name: 'Name' })).toBeNull();
  expect(screen.queryByRole('button', { name: /Pause/ })).toBeNull();
  expect(screen.queryByRole('link', { name: 'Audit trail' })).toBeNull();
});

test('only superusers pause everything', async () => {
  const app = renderApp('/settings', {
    'GET /me': { ...ME, is_superuser: true },
    'GET /hold': NOT_HELD,
  });
  await app.user.click(await screen.findByRole('button', { name: 'Pause everything…' }));
  const held = { ...NOT_HELD, held: true, reason: 'Upgrade', since: '2026-01-01T00:00:00.000Z' };
  app.answer('PUT /hold', held);
  app.answer('GET /hold', held);
  const dialog = await screen.findByRole('dialog');
  await app.user.type(within(dialog).getByRole('textbox', { name: 'Reason' }), 'Upgrade');
  await app.user.click(within(dialog).getByRole('button', { name: 'Pause' }));
  expect(await screen.findByText(/Everything is paused/)).toHaveTextContent('Upgrade');
  app.answer('DELETE /hold', {});
  app.answer('GET /hold', NOT_HELD);
  await app.user.click(screen.getByRole('button', { name: 'Resume' }));
  expect(await screen.findByRole('button', { name: 'Pause everything…' })).toBeVisible();
});

test('a variable is added, changed and deleted', async () => {
  const app = renderApp('/settings/variables', { [VARIABLES]: pageOf() });
  expect(await screen.findByText('No variable yet')).toBeVisible();
  await app.user.click(screen.getByRole('button', { name: 'Add variable' }));
  await app.user.type(await screen.findByLabelText(/^Name/), 'shop');
  await app.user.type(screen.getByLabelText('Value'), 'Berlin');
  app.answer('POST /workspaces/w1/variables', SHOP);
  app.answer(VARIABLES, pageOf(SHOP));
  await app.user.click(screen.getByRole('button', { name: 'Save' }));
  expect(await screen.findByText('Berlin')).toBeVisible();
  expect(app.sent('POST /workspaces/w1/variables')[0]?.body).toBe(
    '{"name":"shop","value":"Berlin"}',
  );

  await app.user.click(screen.getByRole('button', { name: 'Edit shop' }));
  await app.user.clear(await screen.findByLabelText('Value'));
  app.answer('PATCH /workspaces/w1/variables/v1', SHOP);
  await app.user.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(app.sent('PATCH /workspaces/w1/variables/v1')[0]?.body).toBe('{"name":"shop","value":""}');

  await app.user.click(screen.getByRole('button', { name: 'Delete shop' }));
  app.answer('DELETE /workspaces/w1/variables/v1', {});
  app.answer(VARIABLES, pageOf());
  const dialog = await screen.findByRole('dialog', { name: 'Delete $vars.shop?' });
  await app.user.click(within(dialog).getByRole('button', { name: 'Delete' }));
  expect(await screen.findByText('No variable yet')).toBeVisible();
});

test('a name that is taken is said in the dialog', async () => {
  const app = renderApp('/settings/variables', { [VARIABLES]: pageOf(SHOP) });
  app.answer('POST /workspaces/w1/variables', new Problem(409, 'There is a “shop” already.'));
  await app.user.click(await screen.findByRole('button', { name: 'Add variable' }));
  await app.user.type(await screen.findByLabelText(/^Name/), 'shop{Enter}');
  expect(await screen.findByRole('alert')).toHaveTextContent('There is a “shop” already.');
});

test('a viewer sees variables and may not change them', async () => {
  renderApp('/settings/variables', { 'GET /me': VIEWER, [VARIABLES]: pageOf(SHOP) });
  expect(await screen.findByText('Berlin')).toBeVisible();
  expect(screen.getByText(/takes the role editor/)).toBeVisible();
  expect(screen.queryByRole('button', { name: /Add|Edit|Delete/ })).toBeNull();
});

test('the audit trail tells who changed what, page by page', async () => {
  const next = 'http://host/api/v1/workspaces/w1/audit?cursor=c2';
  const app = renderApp('/settings/audit', {
    'GET /me': ADMIN,
    'GET /workspaces/w1/audit': {
      ...pageOf(
        entry(),
        entry({
          id: 'a2',
          action: 'workflow.create',
          who: 'API key CI (ff_0a1b2c3d…)',
          way: 'api',
          address: null,
          user: null,
          user_email: null,
          api_key_prefix: '0a1b2c3d',
          object_type: 'workflow',
          object_id: 'f1',
          object_name: 'Letters',
          detail: {},
        }),
      ),
      next,
    },
  });
  expect(await screen.findByText('Member: change role')).toBeVisible();
  expect(screen.getByText('role: viewer → editor')).toBeVisible();
  expect(screen.getAllByText('Web app, 192.0.2.7')[0]).toBeVisible();
  expect(screen.getAllByText('API key CI (ff_0a1b2c3d…)')[0]).toBeVisible();
  const letters = screen.getByRole('link', { name: 'Letters' });
  expect(letters).toHaveAttribute('href', '/workflows/f1');
  await app.user.click(screen.getByRole('button', { name: 'Next' }));
  await waitFor(() =>
    expect(app.sent('GET /workspaces/w1/audit').at(-1)?.query.get('cursor')).toBe('c2'),
  );
});

test('an editor is not shown the audit trail', async () => {
  const app = renderApp('/settings/audit');
  expect(await screen.findByText('The audit trail is for admins')).toBeVisible();
  expect(app.sent('GET /workspaces/w1/audit')).toEqual([]);
});

test('who makes a workspace comes into it', async () => {
  const app = renderApp('/settings/account', { 'GET /workflows': pageOf() });
  expect(await screen.findByText('ada@example.org')).toBeVisible();
  await app.user.click(screen.getByRole('button', { name: 'New workspace' }));
  await app.user.type(await screen.findByLabelText(/^Name/), 'Finance');
  const workspaces = [...ME.workspaces, { id: 'w2', name: 'Finance', role: 'admin' as const }];
  app.answer('POST /workspaces', { id: 'w2', name: 'Finance', role: 'admin' });
  app.answer('GET /me', { ...ME, workspaces });
  await app.user.click(screen.getByRole('button', { name: 'Make it' }));
  await waitFor(() => expect(app.path()).toBe('/workflows'));
  expect(await screen.findByRole('combobox', { name: 'Workspace' })).toHaveValue('Finance');
});

const HERE = {
  id: 's1',
  browser: 'Firefox on Linux',
  address: '203.0.113.1',
  created_at: '2026-01-01T00:00:00.000Z',
  seen_at: '2026-01-01T10:00:00.000Z',
  is_this: true,
};
const PHONE = { ...HERE, id: 's2', browser: 'Safari on iPhone', is_this: false };

test('one signs out a browser that one has left, and all others', async () => {
  const app = renderApp('/settings/account', {
    'GET /me/sessions': { results: [HERE, PHONE, { ...PHONE, id: 's3', browser: 'Edge' }] },
    'DELETE /me/sessions/s2': {},
    'DELETE /me/sessions': {},
  });
  const table = await screen.findByRole('table', { name: 'Sessions' });
  expect(within(table).getByText('(here)')).toBeVisible();
  await app.user.click(screen.getByRole('button', { name: /^Sign out Safari on iPhone/ }));
  await app.user.click(
    within(await screen.findByRole('dialog')).getByRole('button', { name: 'Sign out' }),
  );
  await waitFor(() => expect(app.sent('DELETE /me/sessions/s2')).toHaveLength(1));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  await app.user.click(screen.getByRole('button', { name: 'Sign out everywhere else' }));
  app.answer('GET /me/sessions', { results: [HERE] });
  await app.user.click(
    within(await screen.findByRole('dialog')).getByRole('button', { name: 'Sign out' }),
  );
  await waitFor(() => expect(screen.queryByText('Safari on iPhone')).toBeNull());
  expect(screen.queryByRole('button', { name: /^Sign out/ })).toBeNull();
});

test('where one is signed in stays though it cannot be read again', async () => {
  const app = renderApp('/settings/account', { 'GET /me/sessions': { results: [HERE, PHONE] } });
  const table = await screen.findByRole('table', { name: 'Sessions' });
  app.answer('GET /me/sessions', new Problem(429, 'Too many requests.'));
  app.readAgain();
  expect(await screen.findByText('Too many requests.')).toBeVisible();
  expect(table).toBeInTheDocument();
});
