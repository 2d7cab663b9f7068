import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { Fire, Role, Schedule } from '../api/types';
import { ME, pageOf, Problem, renderApp, run, workflow } from '../test/renderApp';

const TICK = { id: 't', type: 'schedule', name: 'Tick', params: { cron: '0 3 * * *' } };
const TIMES = {
  timezone: 'Europe/Riga',
  sentence: 'At 03:00',
  results: [
    { at: '2026-03-28T01:00:00.000Z', local: '2026-03-28T03:00:00+02:00', clock_moved_s: 0 },
    { at: '2026-03-29T01:00:00.000Z', local: '2026-03-29T04:00:00+03:00', clock_moved_s: 3600 },
  ],
};

const schedule = (rest: Partial<Schedule> = {}): Schedule => ({
  id: 's1',
  workspace: 'w1',
  workflow: 'f1',
  workflow_name: 'Handle webhooks',
  node: 't',
  state: 'on_time',
  rule: TICK.params,
  timezone: 'Europe/Riga',
  sentence: 'At 03:00',
  next_run_at: '2026-03-28T01:00:00.000Z',
  due_at: '2026-03-28T01:00:00.000Z',
  paused_at: null,
  error: '',
  created_at: '2026-01-01T00:00:00.000Z',
  last_fire: null,
  ...rest,
});

const fire = (rest: Partial<Fire>): Fire => ({
  id: 'f1',
  slot: '2026-03-27T01:00:00.000Z',
  outcome: 'fired',
  missed_from: null,
  is_backfill: false,
  run: null,
  run_status: null,
  fired_at: '2026-03-27T01:00:00.000Z',
  ...rest,
});

async function openTick(answers: Parameters<typeof renderApp>[1] = {}, role: Role = 'operator') {
  const graph = { nodes: [TICK], edges: [], settings: { timezone: 'Europe/Riga' } };
  const app = renderApp('/workflows/f1', {
    'GET /me': { ...ME, workspaces: [{ id: 'w1', name: 'Demo', role }] },
    'GET /workflows/f1': workflow(),
    'GET /workflows/f1/versions/3': { graph },
    'GET /node-types': { results: [{ type: 'schedule', label: 'Schedule', kind: 'trigger' }] },
    'GET /runs': pageOf(),
    'GET /schedules': pageOf(schedule({ node: 'another' }), schedule()),
    'GET /schedules/s1/next': TIMES,
    'GET /schedules/s1/fires': pageOf(),
    ...answers,
  });
  (await screen.findByRole('group', { name: 'Tick' })).focus();
  await app.user.keyboard('{Enter}');
  const detail = await screen.findByRole('complementary', { name: 'Node' });
  return { app, detail };
}

test('a schedule tells its times in words, and where the clock is moved', async () => {
  const { detail } = await openTick();
  expect(await within(detail).findByText('At 03:00')).toBeVisible();
  expect(within(detail).getByText('Europe/Riga', { selector: 'dd' })).toBeVisible();
  expect(within(detail).getByRole('heading', { name: 'Next times Europe/Riga' })).toBeVisible();
  expect(within(detail).getByText('One run for the last of them')).toBeVisible();
  expect(within(detail).getByText('The next one begins beside it')).toBeVisible();
  const times = within(within(detail).getByRole('list', { name: 'Next times' }));
  const [first, second] = times.getAllByRole('listitem');
  expect(first).toHaveTextContent('Sat 28 Mar 2026, 03:00 +02:00');
  expect(second).toHaveTextContent('Sun 29 Mar 2026, 04:00 +03:00 clock put forward 1 h');
  expect(await within(detail).findByText('It has not fired yet.')).toBeVisible();
});

test('what became of its latest times is told', async () => {
  const { detail } = await openTick({
    'GET /schedules/s1/fires': pageOf(
      fire({ id: 'a', run: 'r1', run_status: 'completed' }),
      fire({ id: 'b', outcome: 'missed', is_backfill: true }),
      fire({ id: 'c', outcome: 'overlapped' }),
      fire({ id: 'd' }),
      fire({ id: 'e', outcome: 'queued' }),
    ),
  });
  expect(await within(detail).findByRole('link', { name: 'Its run: completed' })).toHaveAttribute(
    'href',
    '/runs/r1',
  );
  const list = within(detail).getByRole('list', { name: 'Last times' });
  expect(list).toHaveTextContent(/backfill.*missed/);
  expect(list).toHaveTextContent('left out: the run before had not ended');
  expect(list).toHaveTextContent('its run was deleted');
  expect(list).toHaveTextContent('queued until the run before has ended');
});

test('it is paused and resumed', async () => {
  const { app } = await openTick({ 'PATCH /schedules/s1': schedule() });
  app.answer('GET /schedules', pageOf(schedule({ state: 'paused' })));
  await app.user.click(await screen.findByRole('button', { name: 'Pause' }));
  expect(await screen.findByText('It is paused')).toBeVisible();
  expect(await screen.findByRole('list', { name: 'Once it is resumed' })).toBeVisible();
  await app.user.click(await screen.findByRole('button', { name: 'Resume' }));
  await waitFor(() =>
    expect(app.sent('PATCH /schedules/s1').map(({ body }) => body)).toEqual([
      '{"paused":true}',
      '{"paused":false}',
    ]),
  );
});

test('it is run now, beside its times', async () => {
  const { app } = await openTick({
    'POST /schedules/s1/run': run({ id: 'r7' }),
    'GET /runs/r7': run({ id: 'r7' }),
  });
  await app.user.click(await screen.findByRole('button', { name: 'Run the schedule now' }));
  await waitFor(() => expect(app.path()).toBe('/runs/r7'));
});

test('its policies are told in words', async () => {
  const params = { cron: '0 3 * * *', missed: 'all', missed_most: 3, overlap: 'queue' };
  const nodes = [{ ...TICK, params }];
  const { detail } = await openTick({
    'GET /workflows/f1/versions/3': { graph: { nodes, edges: [] } },
  });
  expect(await within(detail).findByText('A run for each, up to the last 3')).toBeVisible();
  expect(within(detail).getByText('The next one waits for it')).toBeVisible();
});

test('one that could not be fired says why', async () => {
  await openTick({ 'GET /schedules': pageOf(schedule({ state: 'failed', error: 'No cron.' })) });
  expect(await screen.findByText('No cron.')).toBeVisible();
});

test('one that is not live yet is read back from its params', async () => {
  const { app } = await openTick({
    'GET /workflows/f1': workflow({ status: 'draft' }),
    'GET /schedules': pageOf(),
    'POST /schedules/preview': TIMES,
  });
  expect(await screen.findByText(/fires at none of them/)).toBeVisible();
  expect(JSON.parse(app.sent('POST /schedules/preview')[0]?.body ?? '')).toEqual({
    params: { cron: '0 3 * * *' },
    timezone: 'Europe/Riga',
  });
  expect(screen.queryByRole('button', { name: 'Pause' })).toBeNull();
});

test('params that are no schedule are told in the words of the server', async () => {
  await openTick({
    'GET /schedules': pageOf(),
    'POST /schedules/preview': new Problem(422, 'A cron expression has five fields.'),
  });
  expect(await screen.findByText('A cron expression has five fields.')).toBeVisible();
});

test('a viewer is not offered to pause or run it', async () => {
  const { detail } = await openTick({}, 'viewer');
  expect(await within(detail).findByText('At 03:00')).toBeVisible();
  expect(within(detail).queryByRole('button', { name: /Pause|now/ })).toBeNull();
});
