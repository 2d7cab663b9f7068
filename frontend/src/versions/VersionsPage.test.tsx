import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { Graph } from '../api/types';
import { pageOf, Problem, renderApp, workflow } from '../test/renderApp';

const CALL = { type: 'http_call', label: 'HTTP Call', kind: 'effect' };
const TYPES = { results: [{ ...CALL, inputs: ['main'], outputs: ['main'], params_schema: {} }] };
const graphOf = (...calls: [id: string, url: string][]): Graph => ({
  nodes: calls.map(([id, url], index) => ({
    id,
    type: 'http_call',
    name: `Call ${id}`,
    params: { url },
    position: [index * 300, 0],
  })),
  edges: [],
});

const versionOf = (version: number, note: string) => ({
  id: `v${version}`,
  workflow: 'f1',
  version,
  note,
  created_by: 'u1',
  created_by_email: 'ada@example.org',
  created_at: '2026-01-01T00:00:00.000Z',
  published_at: null,
});

function opened(path = '/workflows/f1/versions', stored: Record<string, string> = {}) {
  const answers = {
    'GET /workflows/f1': workflow({ version: 2, latest_version: 3 }),
    'GET /node-types': TYPES,
    'GET /workflows/f1/versions': pageOf(
      versionOf(3, ''),
      versionOf(2, 'Asks twice'),
      versionOf(1, ''),
    ),
    'GET /workflows/f1/versions/1': { graph: graphOf(['a', 'x']) },
    'GET /workflows/f1/versions/2': { graph: graphOf(['a', 'y'], ['b', 'z']) },
    'GET /workflows/f1/versions/3': { graph: graphOf(['b', 'z'], ['c', 'z']) },
    'GET /workflows/f1/draft': {
      graph: graphOf(['a', 'new'], ['b', 'z']),
      revision: 4,
      errors: [],
      warnings: [],
      ports: {},
    },
    'PUT /workflows/f1/draft': { revision: 5, errors: [], warnings: [], ports: {} },
  };
  return renderApp(path, answers, stored);
}

const changes = () => screen.findByRole('list', { name: 'Changes' });

test('versions tell who made them, when, why, and which is published', async () => {
  opened();
  const list = await screen.findByRole('list', { name: 'Versions' });
  const second = await within(list).findByRole('link', { name: /Version 2/ });
  expect(second).toHaveTextContent('published');
  expect(second).toHaveTextContent('ada@example.org');
  expect(second).toHaveTextContent('Asks twice');
});

test('the draft is compared with what is published, parameter by parameter', async () => {
  opened();
  const list = await changes();
  expect(list).toHaveTextContent('params.url');
  expect(within(list).getByText('y').tagName).toBe('DEL');
  expect(within(list).getByText('new').tagName).toBe('INS');
  expect(await screen.findByRole('group', { name: 'Call a, changed' })).toBeInTheDocument();
  expect(screen.getByRole('group', { name: 'Call b' })).toBeInTheDocument();
});

test('a version is compared with the one before, with what was removed still drawn', async () => {
  const { user } = opened();
  await user.click(await screen.findByRole('link', { name: /Version 3/ }));
  expect(await screen.findByRole('group', { name: 'Call c, added' })).toBeInTheDocument();
  expect(screen.getByRole('group', { name: 'Call a, removed' })).toBeInTheDocument();
});

test('any version is compared with any other', async () => {
  opened('/workflows/f1/versions?show=3&against=1');
  expect(await screen.findByRole('group', { name: 'Call b, added' })).toBeInTheDocument();
  expect(screen.getByRole('combobox', { name: 'Against' })).toHaveValue('Version 1');
});

test('an older version is published after asking', async () => {
  const { user, answer, sent } = opened('/workflows/f1/versions?show=1');
  answer('POST /workflows/f1/publish', workflow({ version: 1 }));
  await user.click(await screen.findByRole('button', { name: 'Publish it…' }));
  expect(await screen.findByText(/instead of version 2/)).toBeInTheDocument();
  expect(sent('POST /workflows/f1/publish')).toHaveLength(0);
  await user.click(screen.getByRole('button', { name: 'Publish it' }));
  await waitFor(() => expect(sent('POST /workflows/f1/publish')[0]?.body).toBe('{"version":1}'));
});

test('the draft is kept as a version with a note, and nothing is published', async () => {
  const { user, answer, sent } = opened();
  answer('POST /workflows/f1/versions', versionOf(4, 'Before the move'));
  await user.click(await screen.findByRole('button', { name: 'Keep as a version…' }));
  await user.type(await screen.findByRole('textbox', { name: 'Note' }), 'Before the move');
  await user.click(screen.getByRole('button', { name: 'Keep it' }));
  expect(await screen.findByText('Kept as version 4.')).toBeInTheDocument();
  expect(sent('POST /workflows/f1/versions')[0]?.body).toBe('{"note":"Before the move"}');
  expect(sent('POST /workflows/f1/publish')).toHaveLength(0);
});

const unsaved = (...calls: [id: string, url: string][]) => ({
  'ff-unsaved:u1:f1:a': JSON.stringify({
    at: new Date().toISOString(),
    revision: 4,
    graph: graphOf(...calls),
  }),
});

test('before the draft is kept, changes are told that this browser could not save', async () => {
  const { user, path } = opened('/workflows/f1/versions', unsaved(['a', 'unsaved']));
  await user.click(await screen.findByRole('button', { name: 'Keep as a version…' }));
  const dialog = await screen.findByRole('dialog', { name: 'Keep the draft as a version' });
  expect(await within(dialog).findByText(/were not saved/)).toBeInTheDocument();
  await user.click(within(dialog).getByRole('link', { name: 'Look at them' }));
  await waitFor(() => expect(path()).toBe('/workflows/f1/edit'));
  expect(await screen.findByRole('button', { name: 'Take them in' })).toBeInTheDocument();
});

test('changes that the draft has by now are not told as unsaved', async () => {
  const { user } = opened('/workflows/f1/versions', unsaved(['a', 'new'], ['b', 'z']));
  await changes();
  await user.click(await screen.findByRole('button', { name: 'Keep as a version…' }));
  await screen.findByRole('dialog', { name: 'Keep the draft as a version' });
  expect(screen.queryByText(/were not saved/)).toBeNull();
});

test('where the same was kept before, its number and its note are told', async () => {
  const { user, answer } = opened();
  answer('POST /workflows/f1/versions', versionOf(2, 'Asks twice'));
  await user.click(await screen.findByRole('button', { name: 'Keep as a version…' }));
  await user.type(await screen.findByRole('textbox', { name: 'Note' }), 'New');
  await user.click(screen.getByRole('button', { name: 'Keep it' }));
  expect(
    await screen.findByText('This is version 2 already, with the note “Asks twice”.'),
  ).toBeInTheDocument();
});

test('a version that is kept, and then not published, is shown all the same', async () => {
  const { user, answer, sent } = opened('/workflows/f1/edit');
  answer('POST /workflows/f1/versions', versionOf(4, ''));
  answer('POST /workflows/f1/publish', new Problem(409, 'Its path is taken.'));
  await user.click(await screen.findByRole('button', { name: 'Publish…' }));
  await user.click(await screen.findByRole('button', { name: 'Publish' }));
  expect(await screen.findByText(/Its path is taken/)).toBeInTheDocument();
  await waitFor(() => expect(sent('GET /workflows/f1').length).toBeGreaterThan(1));
});

test('a version is restored into the draft, as an edit that can be undone', async () => {
  const { user, sent, path } = opened('/workflows/f1/versions?show=1');
  await user.click(await screen.findByRole('button', { name: 'Restore into the draft…' }));
  await user.click(await screen.findByRole('button', { name: 'Restore it' }));
  await waitFor(() => expect(path()).toBe('/workflows/f1/edit'));
  const puts = () => sent('PUT /workflows/f1/draft');
  await waitFor(() => expect(puts()).toHaveLength(1));
  expect(JSON.parse(puts()[0]?.body ?? '')).toMatchObject({ graph: graphOf(['a', 'x']) });
  await user.click(screen.getByRole('button', { name: 'Undo: restore version 1' }));
  await waitFor(() => expect(puts()).toHaveLength(2));
  expect(JSON.parse(puts()[1]?.body ?? '')).toMatchObject({
    graph: graphOf(['a', 'new'], ['b', 'z']),
  });
});
