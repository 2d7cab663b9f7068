import { screen, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';
import { listed, pageOf, renderApp, run, workflow } from '../test/renderApp';

test('a run changes its status while it is looked at', async () => {
  const app = renderApp('/runs', { 'GET /runs': pageOf(run()), 'GET /workflows': pageOf() });
  expect(await screen.findByRole('cell', { name: 'Running' })).toBeVisible();
  const end = { status: 'completed', at: '2026-01-01T00:00:03.000Z' } as const;
  app.answer('GET /runs', pageOf(run({ status: 'completed', finished_at: end.at })));
  app.socket().tell({ event: 'run_status', run: 'r1', workflow: 'f1', ...end });
  expect(await screen.findByRole('cell', { name: 'Completed' })).toBeVisible();
  expect(screen.getByText('3 s')).toBeVisible();
});

test('a new run comes to the list by itself', async () => {
  const app = renderApp('/runs', { 'GET /runs': pageOf(), 'GET /workflows': pageOf() });
  await screen.findByText('Nothing has run yet');
  app.answer('GET /runs', pageOf(run({ status: 'pending' })));
  app.socket().tell({ event: 'run_status', run: 'r1', workflow: 'f1', status: 'pending', at: '' });
  expect(await screen.findByRole('cell', { name: 'Pending' })).toBeVisible();
});

test('a run that nobody began is told by when it was made', async () => {
  renderApp('/runs', {
    'GET /runs': pageOf(run({ status: 'pending', started_at: null })),
    'GET /workflows': pageOf(),
  });
  expect(await screen.findByText('made')).toBeVisible();
});

test('the filters are asked of the server', async () => {
  const app = renderApp('/runs?workflow=f1', {
    'GET /runs': pageOf(),
    'GET /workflows': pageOf(listed()),
  });
  await app.user.click(await screen.findByRole('combobox', { name: 'Status' }));
  await app.user.click(await screen.findByRole('option', { name: 'Failed' }));
  expect(await screen.findByText('No run matches')).toBeVisible();
  await waitFor(() => {
    const query = app.sent('GET /runs').at(-1)?.query;
    expect([query?.get('workflow'), query?.get('status')]).toEqual(['f1', 'failed']);
  });
});

test('several statuses, triggers and a version are asked for at once', async () => {
  const app = renderApp('/runs?status=failed,waiting&trigger=webhook&version=3', {
    'GET /runs': pageOf(run()),
    'GET /workflows': pageOf(),
  });
  await screen.findByRole('table', { name: 'Runs' });
  const query = app.sent('GET /runs').at(-1)?.query;
  expect(query?.getAll('status')).toEqual(['failed', 'waiting']);
  expect(query?.getAll('trigger')).toEqual(['webhook']);
  expect(query?.get('version')).toBe('3');
  expect(screen.getByRole('button', { name: 'More filters (2)' })).toBeVisible();
});

test('a version is asked for, and stands in the address', async () => {
  const app = renderApp('/runs', { 'GET /runs': pageOf(), 'GET /workflows': pageOf() });
  await app.user.click(await screen.findByRole('button', { name: 'More filters' }));
  await app.user.type(await screen.findByRole('textbox', { name: 'Version' }), 'v12{Enter}');
  await waitFor(() => expect(app.path()).toBe('/runs?version=12'));
});

test('a search says how far it has looked, and looks further back', async () => {
  const searched = { runs: 1000, since: '2026-01-01T00:00:00.000Z' };
  const app = renderApp('/runs', {
    'GET /runs': ({ query }: { query: URLSearchParams }) =>
      query.get('created_before') === null && query.get('search') !== null
        ? { ...pageOf(), searched }
        : { ...pageOf(run()), searched: null },
    'GET /workflows': pageOf(),
  });
  await app.user.type(await screen.findByRole('searchbox', { name: 'Search runs' }), 'A-17');
  expect(await screen.findByText(/^Looked at 1,000 runs, back to/)).toBeVisible();
  expect(screen.getByRole('button', { name: 'Act on all…' })).toBeDisabled();
  await app.user.click(screen.getByRole('button', { name: 'Look further back' }));
  expect(await screen.findByRole('link', { name: 'Handle webhooks' })).toBeVisible();
  expect(screen.queryByText(/^Looked at/)).toBeNull();
  expect(app.sent('GET /runs').at(-1)?.query.get('search')).toBe('A-17');
});

test('the workflow of the filter is named, and the others are looked for by the server', async () => {
  const app = renderApp('/runs?workflow=f9', {
    'GET /runs': pageOf(),
    'GET /workflows': ({ query }: { query: URLSearchParams }) =>
      pageOf(
        query.get('search') === 'bill' ? workflow({ id: 'f7', name: 'Bill them' }) : workflow(),
      ),
    'GET /workflows/f9': workflow({ id: 'f9', name: 'The last of many' }),
  });
  const filter = await screen.findByRole('combobox', { name: 'Workflow' });
  await waitFor(() => expect(filter).toHaveValue('The last of many'));
  await app.user.clear(filter);
  await app.user.type(filter, 'bill');
  await app.user.click(await screen.findByRole('option', { name: 'Bill them' }));
  await waitFor(() => expect(app.path()).toBe('/runs?workflow=f7'));
  expect(filter).toHaveValue('Bill them');
});

test('older runs stand on the next page', async () => {
  const app = renderApp('/runs', {
    'GET /runs': ({ query }: { query: URLSearchParams }) =>
      query.get('cursor') === 'older'
        ? { ...pageOf(run({ workflow_name: 'An old one' })), previous: 'http://h/x?cursor=newer' }
        : { ...pageOf(run()), next: 'http://h/x?cursor=older&limit=50' },
    'GET /workflows': pageOf(),
  });
  await app.user.click(await screen.findByRole('button', { name: 'Next' }));
  expect(await screen.findByRole('link', { name: 'An old one' })).toBeVisible();
  expect(screen.getByRole('button', { name: 'Next' })).toBeDisabled();
});
