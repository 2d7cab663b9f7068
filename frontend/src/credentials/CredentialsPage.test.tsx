import { screen, waitFor, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import type { Role } from '../api/types';
import { ME, pageOf, Problem, renderApp } from '../test/renderApp';
import { credential, HEADERS, MAIL, OAUTH } from './credentials.fixture';

const USES = [
  { workflow: 'f1', name: 'Letters', where: 'draft' as const },
  { workflow: 'f1', name: 'Letters', where: 'published' as const },
];

const answers = (rest: object = {}) => ({
  'GET /credential-types': { results: [MAIL, HEADERS, OAUTH] },
  'GET /credentials': pageOf(credential({ used_by: USES })),
  'GET /credentials/c1': credential({ used_by: USES }),
  ...rest,
});

const as = (role: Role) => ({ ...ME, workspaces: [{ id: 'w1', name: 'Demo', role }] });

test('credentials are listed with their type, who uses them and whether they work', async () => {
  const app = renderApp(
    '/credentials',
    answers({
      'GET /credentials': pageOf(
        credential({ used_by: USES }),
        credential({ id: 'c2', name: 'Shop', type: 'oauth', needs_consent: true }),
        credential({ id: 'c3', name: 'Old', last_test_error: 'Wrong password.' }),
      ),
    }),
  );
  const row = (await screen.findByRole('link', { name: 'Post' })).closest('tr') as HTMLElement;
  expect(await within(row).findByText('Mail server')).toBeVisible();
  expect(within(row).getByText('1 workflow')).toBeVisible();
  expect(within(row).getByText('Not tried')).toBeVisible();
  expect(screen.getByText('Not connected')).toBeVisible();
  expect(screen.getByText('Refused')).toHaveProperty('title', 'Wrong password.');
  const [asked] = app.sent('GET /credentials');
  expect(asked?.query.toString()).toBe('workspace=w1&limit=50&include=uses&ordering=name');
});

test('a credential is made from the form of its type, and then shown', async () => {
  const app = renderApp('/credentials', answers());
  await app.user.click(await screen.findByRole('link', { name: 'New credential' }));
  await app.user.click(await screen.findByRole('link', { name: /Mail server/ }));
  await app.user.type(await screen.findByLabelText(/^Name/), 'Post');
  await app.user.type(screen.getByLabelText(/^Host/), 'mail.test');
  await app.user.type(screen.getByLabelText(/^Password/), 's3cret');
  app.answer('POST /credentials', {
    ...credential(),
    warnings: [{ path: 'values.password', code: 'secret_short', message: 'It is short.' }],
  });
  await app.user.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(app.path()).toBe('/credentials?credential=c1'));
  const [sent] = app.sent('POST /credentials');
  expect(JSON.parse(sent?.body ?? '')).toEqual({
    workspace: 'w1',
    type: 'mail',
    name: 'Post',
    values: { host: 'mail.test', port: 587, password: 's3cret' },
  });
  expect(await screen.findByText('It is short.')).toBeVisible();
});

test('a link opens the form of a type at once', async () => {
  renderApp('/credentials?new=oauth', answers());
  expect(await screen.findByRole('heading', { name: 'New credential: OAuth2' })).toBeVisible();
  expect(screen.getByText('https://flow.example.org/api/v1/oauth/callback')).toBeVisible();
});

test('what is wrong with a value is said at its field', async () => {
  const app = renderApp('/credentials?new=mail', answers());
  await app.user.type(await screen.findByLabelText(/^Name/), 'Post');
  app.answer(
    'POST /credentials',
    new Problem(422, 'It has faults.', [
      { path: 'values.host', code: 'missing', message: 'Say which host.' },
    ]),
  );
  await app.user.click(screen.getByRole('button', { name: 'Save' }));
  expect(await screen.findByText('Say which host.')).toBeVisible();
  expect(screen.getByLabelText(/^Host/)).toBeInvalid();
});

test('a secret that is set is not shown, and stays unless it is replaced', async () => {
  const app = renderApp('/credentials?credential=c1', answers());
  const password = await screen.findByRole('group', { name: 'Password' });
  expect(password).toHaveTextContent('Set, never shown');
  app.answer('PATCH /credentials/c1', { ...credential({ revision: 5 }), warnings: [] });
  await app.user.type(screen.getByLabelText(/^Name/), ' office');
  await app.user.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(app.sent('PATCH /credentials/c1')).toHaveLength(1));
  expect(app.sent('PATCH /credentials/c1')[0]?.body).toBe(
    '{"revision":4,"name":"Post office","values":{}}',
  );

  const again = await screen.findByRole('group', { name: 'Password' });
  await app.user.click(within(again).getByRole('button', { name: 'Replace' }));
  await app.user.type(screen.getByLabelText(/^Password/), 'n3w');
  await app.user.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(app.sent('PATCH /credentials/c1')).toHaveLength(2));
  expect(app.sent('PATCH /credentials/c1')[1]?.body).toBe(
    '{"revision":5,"name":"Post","values":{"password":"n3w"}}',
  );
});

test('who has secrets sent elsewhere is asked for them again', async () => {
  const app = renderApp('/credentials?credential=c1', answers());
  await screen.findByRole('group', { name: 'Password' });
  await app.user.type(screen.getByLabelText(/^Host/), '.evil');
  expect(screen.queryByRole('group', { name: 'Password' })).toBeNull();
  expect(screen.getByLabelText(/^Password/)).toHaveValue('');
  expect(screen.getByText(/enter its secrets again/)).toBeVisible();
});

test('what somebody else changed meanwhile is shown once asked for', async () => {
  const app = renderApp('/credentials?credential=c1', answers());
  await app.user.type(await screen.findByLabelText(/^Name/), 'x');
  app.answer('PATCH /credentials/c1', new Problem(409, 'It was changed meanwhile.'));
  app.answer('GET /credentials/c1', credential({ revision: 9, name: 'Letters' }));
  await app.user.click(screen.getByRole('button', { name: 'Save' }));
  expect(await screen.findByText('It was changed meanwhile.')).toBeVisible();
  expect(screen.getByLabelText(/^Name/)).toHaveValue('Postx');
  await app.user.click(await screen.findByRole('button', { name: 'Show what it is now' }));
  expect(screen.getByLabelText(/^Name/)).toHaveValue('Letters');
});

test('a credential is tried on its service, and what came of it is said', async () => {
  const app = renderApp('/credentials?credential=c1', answers());
  const refusal = { code: 'x', message: 'Wrong password.', hint: 'Look at the port.' };
  app.answer('POST /credentials/c1/test', { ok: false, error: refusal, at: '2026-01-01' });
  await app.user.click(await screen.findByRole('button', { name: 'Try it' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('Wrong password.Look at the port.');
  app.answer('POST /credentials/c1/test', { ok: true, error: null, at: '2026-01-01' });
  await app.user.click(screen.getByRole('button', { name: 'Try it' }));
  expect(await screen.findByText('It works')).toBeVisible();
});

test('one of HTTP is tried on a URL', async () => {
  const headers = credential({ type: 'headers', values: {}, secrets: ['headers.X-Key'] });
  const app = renderApp(
    '/credentials?credential=c1',
    answers({
      'GET /credentials/c1': headers,
      'POST /credentials/c1/test': { ok: true, error: null, at: '2026-01-01' },
    }),
  );
  await app.user.type(await screen.findByLabelText(/^URL/), 'https://api.test/me');
  await app.user.click(screen.getByRole('button', { name: 'Try it' }));
  expect(await screen.findByText('It works')).toBeVisible();
  expect(app.sent('POST /credentials/c1/test')[0]?.body).toBe('{"url":"https://api.test/me"}');
});

test('a person consents in another tab, and sees here that it is connected', async () => {
  const shop = credential({ type: 'oauth', needs_consent: true, values: {}, secrets: [] });
  const app = renderApp(
    '/credentials?credential=c1',
    answers({
      'GET /credentials/c1': shop,
      'POST /credentials/c1/authorize': { url: 'https://login.test/authorize?state=1' },
    }),
  );
  const assign = vi.fn();
  vi.stubGlobal('open', () => ({ opener: window, location: { assign } }));
  await app.user.click(await screen.findByRole('button', { name: 'Connect…' }));
  await waitFor(() => expect(assign).toHaveBeenCalledWith('https://login.test/authorize?state=1'));
  expect(app.path()).toBe('/credentials?credential=c1');
});

test('a credential that workflows name is deleted only by who is told which', async () => {
  const app = renderApp('/credentials?credential=c1', answers());
  await app.user.click(await screen.findByRole('button', { name: 'Delete…' }));
  const dialog = await screen.findByRole('dialog');
  expect(within(dialog).getByRole('link', { name: 'Letters' })).toBeVisible();
  app.answer('DELETE /credentials/c1', {});
  app.answer('GET /credentials', pageOf());
  await app.user.click(within(dialog).getByRole('button', { name: 'Delete all the same' }));
  expect(await screen.findByText('No credential yet')).toBeVisible();
  expect(app.sent('DELETE /credentials/c1')[0]?.query.get('force')).toBe('true');
  await waitFor(() => expect(app.path()).not.toContain('c1'));
});

test('a viewer sees what it is and may not change it', async () => {
  const app = renderApp('/credentials?credential=c1', answers({ 'GET /me': as('viewer') }));
  expect(await screen.findByText('mail.test')).toBeVisible();
  expect(screen.getByText('Set, never shown')).toBeVisible();
  expect(screen.getByRole('link', { name: 'Letters' })).toBeVisible();
  for (const deed of ['Save', 'Try it', 'Delete…']) {
    expect(screen.queryByRole('button', { name: deed })).toBeNull();
  }
  expect(screen.queryByRole('link', { name: 'New credential' })).toBeNull();
  expect(app.path()).toBe('/credentials?credential=c1');
});

test('who has none yet is told what they are for', async () => {
  renderApp('/credentials', answers({ 'GET /credentials': pageOf() }));
  expect(await screen.findByText('No credential yet')).toBeVisible();
  expect(screen.getByText(/no secret stands in a workflow/)).toBeVisible();
});

test('new secrets are tried before they take the place of the old ones', async () => {
  const app = renderApp('/credentials?credential=c1', answers());
  await app.user.click(await screen.findByRole('button', { name: 'Rotate…' }));
  const dialog = await screen.findByRole('dialog');
  expect(within(dialog).queryByLabelText(/^Host/)).toBeNull();
  const send = within(dialog).getByRole('button', { name: 'Try, then keep' });
  expect(send).toBeDisabled();
  await app.user.type(within(dialog).getByLabelText('Password'), 'n3w');
  const refusal = 'The new secrets were tried, and are not stored: Wrong password.';
  app.answer('POST /credentials/c1/rotate', new Problem(409, refusal));
  await app.user.click(send);
  expect(await within(dialog).findByRole('alert')).toHaveTextContent('Wrong password.');
  app.answer('POST /credentials/c1/rotate', { ...credential({ revision: 5 }), warnings: [] });
  await app.user.click(send);
  expect(await screen.findByText('“Post” has new secrets')).toBeVisible();
  expect(screen.queryByRole('dialog')).toBeNull();
  for (const { body } of app.sent('POST /credentials/c1/rotate')) {
    expect(JSON.parse(body ?? '')).toEqual({ revision: 4, url: '', values: { password: 'n3w' } });
  }
});

test('new secrets of HTTP are tried on a URL that is given', async () => {
  const shop = credential({ type: 'headers', values: {}, secrets: ['headers.X-Key'] });
  const app = renderApp(
    '/credentials?credential=c1',
    answers({
      'GET /credentials/c1': shop,
      'POST /credentials/c1/rotate': { ...shop, revision: 5, warnings: [] },
    }),
  );
  await app.user.click(await screen.findByRole('button', { name: 'Rotate…' }));
  const dialog = await screen.findByRole('dialog');
  await app.user.type(within(dialog).getByLabelText('Value 1'), 'n3w');
  expect(within(dialog).getByRole('button', { name: 'Keep' })).toBeEnabled();
  await app.user.type(within(dialog).getByLabelText('Try on this URL'), 'https://shop.test/me');
  await app.user.click(within(dialog).getByRole('button', { name: 'Try, then keep' }));
  await waitFor(() => expect(app.sent('POST /credentials/c1/rotate')).toHaveLength(1));
  expect(JSON.parse(app.sent('POST /credentials/c1/rotate')[0]?.body ?? '')).toEqual({
    revision: 4,
    url: 'https://shop.test/me',
    values: { headers: { 'X-Key': 'n3w' } },
  });
});

test('a viewer is not offered to rotate one', async () => {
  renderApp('/credentials?credential=c1', answers({ 'GET /me': as('viewer') }));
  expect(await screen.findByText(/takes the role editor/)).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Rotate…' })).toBeNull();
});
