import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { Note } from '../api/types';
import { ME, pageOf, Problem, renderApp, run, workflow } from '../test/renderApp';

const GRAPH = { nodes: [], edges: [] };

const note = (rest: Partial<Note> = {}): Note => ({
  id: 'n1',
  run: 'r1',
  workflow: null,
  text: 'The shop was away, see https://status.test/7.',
  author: 'u1',
  author_name: 'ada@example.org',
  created_at: '2026-01-01T00:00:00.000Z',
  edited_at: null,
  ...rest,
});

const as = (role: 'viewer' | 'operator' | 'admin') => ({
  'GET /me': { ...ME, workspaces: [{ id: 'w1', name: 'Demo', role }] },
});

function openRun(answers: Parameters<typeof renderApp>[1] = {}) {
  return renderApp('/runs/r1', {
    'GET /runs/r1': run(),
    'GET /workflows/f1/versions/3': { graph: GRAPH },
    ...answers,
  });
}

const notes = async () => within(await screen.findByRole('region', { name: 'Notes' }));

test('a run shows what people wrote about it, and addresses as links', async () => {
  openRun({ 'GET /runs/r1/notes': pageOf(note({ author: 'u2', author_name: 'bob@x.org' })) });
  const link = (await notes()).getByRole('link', { name: 'https://status.test/7' });
  expect(link).toHaveAttribute('rel', 'noopener noreferrer nofollow');
  expect((await notes()).getByText(/bob@x\.org/)).toBeVisible();
});

test('HTML in a note is text', async () => {
  openRun({ 'GET /runs/r1/notes': pageOf(note({ text: '<b>bold</b> <img src=x>' })) });
  expect((await notes()).getByText('<b>bold</b> <img src=x>')).toBeVisible();
});

test('an operator writes a note', async () => {
  const app = openRun({ ...as('operator'), 'POST /runs/r1/notes': note() });
  await app.user.click((await notes()).getByRole('button', { name: 'Write a note' }));
  await app.user.type((await notes()).getByRole('textbox', { name: 'New note' }), 'Seen.');
  app.answer('GET /runs/r1/notes', pageOf(note({ text: 'Seen.' })));
  await app.user.click((await notes()).getByRole('button', { name: 'Save' }));
  expect(await screen.findByText('Seen.')).toBeVisible();
  expect(app.sent('POST /runs/r1/notes')[0]?.body).toBe('{"text":"Seen."}');
});

test('what is being written stays though the notes cannot be read again', async () => {
  const app = openRun(as('operator'));
  await app.user.click((await notes()).getByRole('button', { name: 'Write a note' }));
  await app.user.type((await notes()).getByRole('textbox', { name: 'New note' }), 'Seen.');
  const before = app.sent('GET /runs/r1/notes').length;
  app.answer('GET /runs/r1/notes', new Problem(429, 'Too many requests.'));
  app.socket().break();
  await waitFor(() => expect(app.sent('GET /runs/r1/notes').length).toBeGreaterThan(before));
  await waitFor(() => expect(screen.queryByText(/live connection was lost/)).toBeNull());
  expect((await notes()).getByRole('textbox', { name: 'New note' })).toHaveValue('Seen.');
});

test('its author changes a note and deletes it, after a question', async () => {
  const app = openRun({
    ...as('operator'),
    'GET /runs/r1/notes': pageOf(note({ text: 'Old.' })),
    'PATCH /notes/n1': note({ text: 'New.' }),
    'DELETE /notes/n1': {},
  });
  await app.user.click((await notes()).getByRole('button', { name: 'Edit' }));
  const field = (await notes()).getByRole('textbox', { name: 'Note' });
  await app.user.clear(field);
  await app.user.type(field, 'New.');
  app.answer('GET /runs/r1/notes', pageOf(note({ text: 'New.' })));
  await app.user.click((await notes()).getByRole('button', { name: 'Save' }));
  expect(await screen.findByText('New.')).toBeVisible();
  await app.user.click((await notes()).getByRole('button', { name: 'Delete this note' }));
  app.answer('GET /runs/r1/notes', pageOf());
  await app.user.click(await screen.findByRole('button', { name: 'Delete it' }));
  await waitFor(() => expect(screen.queryByText('New.')).toBeNull());
});

test.each([
  ['viewer', []],
  ['operator', ['Write a note']],
  ['admin', ['Delete this note', 'Write a note']],
] as const)('a note of somebody else offers to a %s %j', async (role, offered) => {
  openRun({ ...as(role), 'GET /runs/r1/notes': pageOf(note({ author: 'u2' })) });
  const buttons = (await notes()).queryAllByRole('button');
  expect(buttons.map((each) => each.getAttribute('aria-label') ?? each.textContent)).toEqual(
    offered,
  );
});

test('a workflow has notes, too', async () => {
  renderApp('/workflows/f1', {
    'GET /workflows/f1': workflow(),
    'GET /workflows/f1/notes': pageOf(note()),
  });
  expect((await notes()).getByText(/The shop was away/)).toBeVisible();
});
