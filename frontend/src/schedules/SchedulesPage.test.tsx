import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { Schedule } from '../api/types';
import { ME, pageOf, renderApp } from '../test/renderApp';
import { drift } from './drift';

const schedule = (rest: Partial<Schedule> = {}): Schedule => ({
  id: 's1',
  workspace: 'w1',
  workflow: 'f1',
  workflow_name: 'Nightly report',
  node: 't',
  state: 'on_time',
  rule: { cron: '0 3 * * *' },
  timezone: 'Europe/Riga',
  sentence: 'At 03:00',
  next_run_at: '2026-03-28T01:00:00.000Z',
  due_at: '2026-03-28T01:00:00.000Z',
  paused_at: null,
  error: '',
  created_at: '2026-01-01T00:00:00.000Z',
  last_fire: { slot: '2026-03-27T01:00:00.000Z', fired_at: '2026-03-27T01:00:00.040Z' },
  ...rest,
});

const TIMES = {
  timezone: 'Europe/Riga',
  sentence: 'At 03:00',
  results: [
    { at: '2026-03-28T01:00:00.000Z', local: '2026-03-28T03:00:00+02:00', clock_moved_s: 0 },
  ],
};

function open(path: string, answers: Parameters<typeof renderApp>[1] = {}) {
  return renderApp(path, {
    'GET /workflows': pageOf(),
    'GET /schedules': pageOf(schedule()),
    'GET /schedules/s1/next': TIMES,
    'GET /schedules/s1/fires': pageOf(),
    ...answers,
  });
}

test('schedules tell when they fire, by the clock of their zone, and how late they fired last', async () => {
  open('/schedules');
  const row = await screen.findByRole('row', { name: /Nightly report/ });
  expect(row).toHaveTextContent('On time');
  expect(row).toHaveTextContent('At 03:00');
  expect(row).toHaveTextContent('Europe/Riga');
  expect(row).toHaveTextContent('Sat 28 Mar 2026, 03:00');
  expect(row).toHaveTextContent('Fri 27 Mar 2026, 03:00 +40 ms');
});

test('one is opened, and paused there', async () => {
  const app = open('/schedules', { 'PATCH /schedules/s1': schedule() });
  await app.user.click(await screen.findByRole('link', { name: 'Nightly report' }));
  expect(app.path()).toBe('/schedules?schedule=s1');
  const detail = await screen.findByRole('complementary', { name: 'Schedule' });
  expect(await within(detail).findByRole('list', { name: 'Next times' })).toHaveTextContent(
    'Sat 28 Mar 2026, 03:00 +02:00',
  );
  app.answer('GET /schedules', pageOf(schedule({ state: 'paused' })));
  await app.user.click(within(detail).getByRole('button', { name: 'Pause' }));
  expect(await within(detail).findByText('It is paused')).toBeVisible();
  expect(app.sent('PATCH /schedules/s1')[0]?.body).toBe('{"paused":true}');
});

test('what could not be fired says why', async () => {
  open('/schedules', {
    'GET /schedules': pageOf(schedule({ state: 'failed', error: 'No such zone.' })),
  });
  const row = await screen.findByRole('row', { name: /Nightly report/ });
  expect(row).toHaveTextContent('Failed');
  expect(row).toHaveTextContent('No such zone.');
});

test('the state is asked of the server and stands in the address', async () => {
  const app = open('/schedules', { 'GET /schedules': pageOf() });
  await app.user.click(await screen.findByRole('combobox', { name: 'State' }));
  await app.user.click(await screen.findByRole('option', { name: 'Late' }));
  await waitFor(() => expect(app.path()).toBe('/schedules?state=late'));
  expect(await screen.findByText('No schedule matches')).toBeVisible();
  expect(app.sent('GET /schedules').at(-1)?.query.get('state')).toBe('late');
});

test('a viewer is not offered to pause or run one', async () => {
  const me = { ...ME, workspaces: [{ id: 'w1', name: 'Demo', role: 'viewer' as const }] };
  open('/schedules?schedule=s1', { 'GET /me': me });
  const detail = await screen.findByRole('complementary', { name: 'Schedule' });
  expect(within(detail).queryByRole('button', { name: /Pause|now/ })).toBeNull();
});

test('a clock that is behind makes no time early', () => {
  const slot = '2026-03-27T01:00:00.000Z';
  expect(drift({ slot, fired_at: '2026-03-27T00:59:59.990Z' })).toBe('+0 ms');
  expect(drift({ slot, fired_at: '2026-03-27T01:02:05.000Z' })).toBe('+2 min 5 s');
});
