import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { ApiKey } from '../api/types';
import { ME, pageOf, renderApp } from '../test/renderApp';

const ADMIN = { ...ME, workspaces: [{ id: 'w1', name: 'Demo', role: 'admin' as const }] };

const key = (rest: Partial<ApiKey> = {}): ApiKey => ({
  id: 'k1',
  name: 'Deployment',
  prefix: '0a1b2c3d',
  role: 'operator',
  created_at: '2026-01-01T00:00:00.000Z',
  expires_at: null,
  last_used_at: null,
  revoked_at: null,
  ...rest,
});

const answers = (rest: object = {}) => ({
  'GET /me': ADMIN,
  'GET /workspaces/w1/api-keys': pageOf(key()),
  ...rest,
});

test('a key is shown once when it is made, and not any more once it is put away', async () => {
  const app = renderApp('/api-keys', answers({ 'GET /workspaces/w1/api-keys': pageOf() }));
  expect(await screen.findByText('No API key yet')).toBeVisible();
  await app.user.click(screen.getByRole('button', { name: 'New key' }));
  await app.user.type(await screen.findByLabelText(/^Name/), 'Deployment');
  await app.user.type(screen.getByLabelText(/^Good until/), '2030-05-01');
  app.answer('POST /workspaces/w1/api-keys', { ...key(), key: 'ff_0a1b2c3d_s3cret' });
  app.answer('GET /workspaces/w1/api-keys', pageOf(key()));
  await app.user.click(screen.getByRole('button', { name: 'Make it' }));
  expect(await screen.findByText('ff_0a1b2c3d_s3cret')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Copy' })).toBeVisible();
  expect(JSON.parse(app.sent('POST /workspaces/w1/api-keys')[0]?.body ?? '')).toEqual({
    name: 'Deployment',
    role: 'operator',
    expires_at: new Date('2030-05-01T23:59:59').toISOString(),
  });
  await app.user.click(screen.getByRole('button', { name: 'I have it' }));
  await waitFor(() => expect(screen.queryByText('ff_0a1b2c3d_s3cret')).toBeNull());
  expect(await screen.findByText('ff_0a1b2c3d_…')).toBeVisible();
});

test('a key is revoked after a question, and stays in the list', async () => {
  const app = renderApp('/api-keys', answers({ 'DELETE /workspaces/w1/api-keys/k1': {} }));
  await app.user.click(await screen.findByRole('button', { name: 'Revoke Deployment' }));
  const revoked = key({ revoked_at: '2026-02-01T00:00:00.000Z' });
  app.answer('GET /workspaces/w1/api-keys', pageOf(revoked));
  const dialog = await screen.findByRole('dialog');
  await app.user.click(within(dialog).getByRole('button', { name: 'Revoke' }));
  expect(await screen.findByText('Revoked')).toBeVisible();
  expect(app.sent('DELETE /workspaces/w1/api-keys/k1')).toHaveLength(1);
});

test('a key whose time is over says so', async () => {
  const over = key({ expires_at: '2026-01-02T00:00:00.000Z' });
  renderApp('/api-keys', answers({ 'GET /workspaces/w1/api-keys': pageOf(over) }));
  expect(await screen.findByText('Expired')).toBeVisible();
  expect(screen.queryByRole('button', { name: /Revoke/ })).toBeNull();
});

test('who is no admin is told whom to ask', async () => {
  const app = renderApp('/api-keys', answers({ 'GET /me': ME }));
  expect(await screen.findByText('API keys are for admins')).toBeVisible();
  expect(screen.queryByRole('button', { name: 'New key' })).toBeNull();
  expect(app.sent('GET /workspaces/w1/api-keys')).toEqual([]);
});
