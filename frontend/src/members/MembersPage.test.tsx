import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { Member } from '../api/types';
import { ME, pageOf, Problem, renderApp } from '../test/renderApp';

const ADMIN = { ...ME, workspaces: [{ id: 'w1', name: 'Demo', role: 'admin' as const }] };
const VIEWER = { ...ME, workspaces: [{ id: 'w1', name: 'Demo', role: 'viewer' as const }] };

const member = (rest: Partial<Member> = {}): Member => ({
  id: 'm1',
  user: 'u1',
  email: 'ada@example.org',
  role: 'admin',
  created_at: '2026-01-01T00:00:00.000Z',
  ...rest,
});
const BOB = member({ id: 'm2', user: 'u2', email: 'bob@example.org', role: 'viewer' });

const answers = (rest: object = {}) => ({
  'GET /me': ADMIN,
  'GET /workspaces/w1/members': pageOf(member(), BOB),
  'GET /workspaces/w1/invitations': pageOf(),
  ...rest,
});

const INVITATION = {
  id: 'i1',
  email: 'bob@example.org',
  role: 'editor',
  invited_by: 'ada@example.org',
  created_at: '2026-01-01T00:00:00.000Z',
  expires_at: '2026-01-08T00:00:00.000Z',
  has_expired: false,
  is_void: false,
  mailed_at: '2026-01-01T00:00:01.000Z',
  mail_error: '',
};
const LINK = 'https://flows.example.org/account/invitation/abc';

async function invite(app: ReturnType<typeof renderApp>) {
  await app.user.click(await screen.findByRole('button', { name: 'Invite member' }));
  const dialog = await screen.findByRole('dialog');
  await app.user.type(within(dialog).getByLabelText(/^Email/), 'bob@example.org');
  await app.user.click(within(dialog).getByRole('combobox', { name: 'Role' }));
  await app.user.click(await screen.findByRole('option', { name: /^Editor/ }));
  app.answer('GET /workspaces/w1/invitations', pageOf(INVITATION));
  await app.user.click(within(dialog).getByRole('button', { name: 'Invite' }));
}

test('an admin invites by address, in a role, and sees who has not answered yet', async () => {
  const made = { ...INVITATION, link: null };
  const app = renderApp('/members', answers({ 'POST /workspaces/w1/invitations': made }));
  await invite(app);
  const invited = await screen.findByRole('table', { name: 'Invited, not here yet' });
  expect(within(invited).getByText('bob@example.org')).toBeVisible();
  expect(within(invited).getByText('Mailed')).toBeVisible();
  expect(screen.queryByRole('dialog')).toBeNull();
  expect(app.sent('POST /workspaces/w1/invitations')[0]?.body).toBe(
    '{"email":"bob@example.org","role":"editor"}',
  );
});

test('where no mail is sent the link is shown, until one says that one has it', async () => {
  const made = { ...INVITATION, mailed_at: null, link: LINK };
  const app = renderApp('/members', answers({ 'POST /workspaces/w1/invitations': made }));
  await invite(app);
  expect(await screen.findByText(LINK)).toBeVisible();
  await app.user.click(screen.getByRole('button', { name: 'I have it' }));
  await waitFor(() => expect(screen.queryByText(LINK)).toBeNull());
});

test('what is wrong with an address is said in the dialog', async () => {
  const refusal = new Problem(409, 'bob@example.org is a member of this workspace already.');
  const app = renderApp('/members', answers({ 'POST /workspaces/w1/invitations': refusal }));
  await invite(app);
  expect(await screen.findByRole('alert')).toHaveTextContent(
    'is a member of this workspace already',
  );
});

test('an invitation is sent again, and withdrawn after a question', async () => {
  const app = renderApp(
    '/members',
    answers({
      'GET /workspaces/w1/invitations': pageOf({ ...INVITATION, mail_error: 'Nobody listens.' }),
      'POST /workspaces/w1/invitations/i1/send': { ...INVITATION, link: null },
      'DELETE /workspaces/w1/invitations/i1': {},
    }),
  );
  expect((await screen.findByText('Not sent')).title).toBe('Nobody listens.');
  app.answer('GET /workspaces/w1/invitations', pageOf(INVITATION));
  await app.user.click(screen.getByRole('button', { name: 'Send again to bob@example.org' }));
  expect(await screen.findByText('Mailed')).toBeVisible();
  await app.user.click(screen.getByRole('button', { name: /^Withdraw/ }));
  app.answer('GET /workspaces/w1/invitations', pageOf());
  const dialog = await screen.findByRole('dialog');
  await app.user.click(within(dialog).getByRole('button', { name: 'Withdraw' }));
  await waitFor(() => expect(screen.queryByText('Invited, not here yet')).toBeNull());
});

test('an invitation whose sender may not invite any more is shown as void', async () => {
  renderApp(
    '/members',
    answers({ 'GET /workspaces/w1/invitations': pageOf({ ...INVITATION, is_void: true }) }),
  );
  expect((await screen.findByText('Void')).title).toMatch('may not invite any more');
  expect(screen.queryByText('Mailed')).toBeNull();
});

test('the link of an invitation is shown though invitations cannot be read again', async () => {
  const app = renderApp(
    '/members',
    answers({
      'GET /workspaces/w1/invitations': pageOf(INVITATION),
      'POST /workspaces/w1/invitations/i1/send': { ...INVITATION, link: LINK },
    }),
  );
  const again = await screen.findByRole('button', { name: 'Send again to bob@example.org' });
  app.answer('GET /workspaces/w1/invitations', new Problem(429, 'Too many requests.'));
  await app.user.click(again);
  expect(await screen.findByText(LINK)).toBeVisible();
});

test('a role is changed where it stands', async () => {
  const app = renderApp('/members', answers());
  await app.user.click(await screen.findByRole('combobox', { name: 'Role of bob@example.org' }));
  app.answer('PATCH /workspaces/w1/members/m2', { ...BOB, role: 'operator' });
  app.answer('GET /workspaces/w1/members', pageOf(member(), { ...BOB, role: 'operator' }));
  await app.user.click(await screen.findByRole('option', { name: /^Operator/ }));
  await waitFor(() => expect(app.sent('PATCH /workspaces/w1/members/m2')).toHaveLength(1));
  expect(app.sent('PATCH /workspaces/w1/members/m2')[0]?.body).toBe('{"role":"operator"}');
  expect(screen.getByRole('combobox', { name: 'Role of bob@example.org' })).toHaveValue('Operator');
});

test('a member is removed after a question', async () => {
  const app = renderApp('/members', answers({ 'DELETE /workspaces/w1/members/m2': {} }));
  await app.user.click(await screen.findByRole('button', { name: 'Remove bob@example.org' }));
  app.answer('GET /workspaces/w1/members', pageOf(member()));
  const dialog = await screen.findByRole('dialog');
  await app.user.click(within(dialog).getByRole('button', { name: 'Remove' }));
  await waitFor(() => expect(screen.queryByText('bob@example.org')).toBeNull());
  expect(app.sent('DELETE /workspaces/w1/members/m2')).toHaveLength(1);
});

test('the last admin is kept, and it is said why', async () => {
  renderApp('/members', answers());
  const remove = await screen.findByRole('button', { name: 'Remove ada@example.org' });
  expect(remove).toBeDisabled();
  expect(remove).toHaveProperty('title', expect.stringContaining('at least one admin'));
  expect(screen.getByRole('combobox', { name: 'Role of ada@example.org' })).toBeDisabled();
});

test('of two admins each may be removed', async () => {
  const two = pageOf(member(), { ...BOB, role: 'admin' });
  renderApp('/members', answers({ 'GET /workspaces/w1/members': two }));
  expect(await screen.findByRole('button', { name: 'Remove ada@example.org' })).toBeEnabled();
});

test('a viewer sees who is here and may not change it', async () => {
  renderApp('/members', answers({ 'GET /me': VIEWER }));
  expect(await screen.findByText('bob@example.org')).toBeVisible();
  expect(screen.getByText(/takes the role admin/)).toBeVisible();
  expect(screen.queryByRole('button', { name: /Invite|Remove/ })).toBeNull();
  expect(screen.queryByRole('combobox', { name: /Role of/ })).toBeNull();
});
