import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eventsOf } from '../test/streams';
import { receive, UNSEEN, type RunEvent } from './events';
import { ticksOf, timelineOf } from './timeline';

const at = (s: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, s)).toISOString();
const event = (name: RunEvent['event'], seq: number, s: number, rest: Partial<RunEvent> = {}) => ({
  event: name,
  run: 'r',
  seq,
  at: at(s),
  ...rest,
});
const own = { step: 's1', node: 'n1', iteration: 0 };

test('each attempt is a bar at its share of the run', () => {
  const run = receive(UNSEEN, [
    event('run_started', 1, 0),
    event('step_started', 2, 1, { ...own, attempt: 1 }),
    event('step_retrying', 3, 2, { ...own, attempt: 1, error: 'no' }),
    event('step_started', 4, 6, { ...own, attempt: 2 }),
    event('step_succeeded', 5, 8, { ...own, attempt: 2 }),
    event('run_finished', 6, 10, { status: 'completed' }),
  ]);
  const [row] = timelineOf(run, Date.parse(at(99))).rows;
  expect(row?.ms).toBe(7_000);
  expect(row?.bars).toEqual([
    { n: 1, from: 0.1, to: 0.2, ms: 1_000, failed: true },
    { n: 2, from: 0.6, to: 0.8, ms: 2_000, failed: false },
  ]);
});

test('what the end of the run stopped has not failed', () => {
  const run = receive(UNSEEN, [
    event('run_started', 1, 0),
    event('step_started', 2, 1, { ...own, attempt: 1 }),
    event('step_failed', 3, 2, { ...own, error: { code: 'sibling_failed', message: 'no' } }),
  ]);
  const [row] = timelineOf(run, Date.parse(at(9))).rows;
  expect(row?.step.status).toBe('stopped');
  expect(row?.bars[0]?.failed).toBe(false);
});

test('what is still running reaches to now', () => {
  const run = receive(UNSEEN, [event('run_started', 1, 0), event('step_started', 2, 5, own)]);
  expect(timelineOf(run, Date.parse(at(20))).rows[0]?.bars[0]).toMatchObject({ from: 0.25, to: 1 });
});

test('a skipped step has no row', () => {
  const run = receive(UNSEEN, [event('run_started', 1, 0), event('step_skipped', 2, 1, own)]);
  expect(timelineOf(run, Date.parse(at(2))).rows).toEqual([]);
});

test('no bar of any run leaves the axis or ends before it begins', () => {
  fc.assert(
    fc.property(eventsOf, (events) => {
      const { rows } = timelineOf(receive(UNSEEN, events), 0);
      for (const { from, to } of rows.flatMap((row) => row.bars)) {
        expect(from >= 0 && from <= to && to <= 1).toBe(true);
      }
    }),
  );
});

test('the axis has round times', () => {
  expect(ticksOf(10_000, 5)).toEqual([0, 2_000, 4_000, 6_000, 8_000, 10_000]);
  expect(ticksOf(37, 4)).toEqual([0, 10, 20, 30]);
});
