import { fireEvent, screen, waitFor, within } from '@testing-library/react';
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

async function askForADay(app: ReturnType<typeof renderApp>) {
  await app.user.click(await screen.findByRole('button', { name: 'Backfill…' }));
  const dialog = await screen.findByRole('dialog');
  fireEvent.change(within(dialog).getByLabelText(/^From/), {
    target: { value: '2026-03-01T00:00' },
  });
  fireEvent.change(within(dialog).getByLabelText(/^To/), { target: { value: '2026-03-03T00:00' } });
  await app.user.click(within(dialog).getByRole('button', { name: 'Count' }));
}

const estimated = (rest: object = {}) => ({
  dry_run: true,
  slots: ['2026-03-01T01:00:00.000Z', '2026-03-02T01:00:00.000Z'],
  skipped: 1,
  most: 1000,
  effects: [
    { type: 'http_call', label: 'HTTP Call', count: 2 },
    { type: 'email', label: 'Email', count: 1 },
  ],
  ...rest,
});

test('what a backfill would do is told before it is done', async () => {
  const { app } = await openTick({ 'POST /schedules/s1/backfill': estimated() });
  await askForADay(app);
  expect(await screen.findByText('2 runs would be made')).toBeVisible();
  expect(screen.getByText('Each may reach the outside by 2 HTTP Call, Email.')).toBeVisible();
  expect(screen.getByText('Sun 1 Mar 2026, 03:00')).toBeVisible();
  expect(screen.getByText('Mon 2 Mar 2026, 03:00')).toBeVisible();
  expect(screen.getByText('1 time with a run, or queued')).toBeVisible();
  expect(screen.getByText('1,000 runs')).toBeVisible();
  await app.user.click(screen.getByRole('button', { name: 'Make 2 runs' }));
  expect(await screen.findByText('2 times made up for')).toBeVisible();
  expect(screen.queryByRole('dialog')).toBeNull();
  const [dry, begun] = app.sent('POST /schedules/s1/backfill');
  const span = {
    from: new Date('2026-03-01T00:00').toISOString(),
    to: new Date('2026-03-03T00:00').toISOString(),
  };
  expect(JSON.parse(dry?.body ?? '')).toEqual({ ...span, dry_run: true });
  expect(JSON.parse(begun?.body ?? '')).toEqual(span);
  expect(begun?.headers.get('Idempotency-Key')).toBeTruthy();
});

test('a backfill that would make no run cannot be begun, and another span is asked for', async () => {
  const { app } = await openTick({ 'POST /schedules/s1/backfill': estimated({ slots: [] }) });
  await askForADay(app);
  expect(await screen.findByText('No time of that span is without a run')).toBeVisible();
  expect(screen.queryByRole('button', { name: /^Make/ })).toBeNull();
  await app.user.click(screen.getByRole('button', { name: 'Another span' }));
  expect(await screen.findByLabelText(/^From/)).toHaveValue('2026-03-01T00:00');
});

test('why a span cannot be made up for is told where it is asked for', async () => {
  const refusal = new Problem(422, 'The span ends before it begins.');
  const { app } = await openTick({ 'POST /schedules/s1/backfill': refusal });
  await askForADay(app);
  expect(await screen.findByRole('alert')).toHaveTextContent('The span ends before it begins.');
  expect(screen.getByLabelText(/^To/)).toBeVisible();
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
  expect(within(detail).queryByRole('button', { name: /Pause|now|Backfill/ })).toBeNull();
});

test('its times and what became of them stay though they cannot be read again', async () => {
  const { app, detail } = await openTick({
    'GET /schedules/s1/fires': pageOf(fire({ run: 'r1', run_status: 'completed' })),
  });
  await within(detail).findByRole('link', { name: 'Its run: completed' });
  const away = new Problem(429, 'Too many requests.');
  for (const path of ['schedules', 'schedules/s1/next', 'schedules/s1/fires'])
    app.answer(`GET /${path}`, away);
  app.readAgain();
  await waitFor(() => expect(within(detail).getAllByRole('alert')).toHaveLength(3));
  expect(within(detail).getByRole('list', { name: 'Next times' })).toBeVisible();
  expect(within(detail).getByRole('link', { name: 'Its run: completed' })).toBeVisible();
  expect(within(detail).getByRole('button', { name: 'Pause' })).toBeVisible();
});
