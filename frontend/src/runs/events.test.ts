import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { receive, UNSEEN, type RunEvent, type RunState } from './events';
import { eventsOf } from '../test/streams';

/** What a test writes of an event; run, seq and time are filled in. */
const stream = (...events: Partial<RunEvent>[]): RunEvent[] =>
  events.map((event, index) => ({
    event: 'step_log',
    run: 'r1',
    seq: index + 1,
    at: new Date(Date.UTC(2026, 0, 1) + index * 1000).toISOString(),
    ...event,
  }));

const step = (event: RunEvent['event'], rest: Partial<RunEvent> = {}): Partial<RunEvent> => ({
  event,
  step: 's1',
  node: 'n1',
  iteration: 0,
  ...rest,
});

/** The step s1 after the stream. */
const s1 = (...events: Partial<RunEvent>[]) => receive(UNSEEN, stream(...events)).steps.get('s1');

describe('a run', () => {
  test('is pending until it started, and then running', () => {
    expect(UNSEEN.status).toBe('pending');
    expect(receive(UNSEEN, stream({ event: 'run_started' })).status).toBe('running');
  });

  test('that waits says for what, until it goes on', () => {
    const waiting = receive(UNSEEN, stream({ event: 'run_waiting', for: 'delay', until: 'T' }));
    expect(waiting.waiting).toEqual({ for: 'delay', until: 'T' });
    const resumed = receive(waiting, stream({}, { event: 'run_resumed' }));
    expect(resumed).toMatchObject({ status: 'running', waiting: null });
  });

  test('that failed keeps the error, also when it is told as text', () => {
    const end: Partial<RunEvent> = { event: 'run_finished', status: 'failed', error: 'No.' };
    expect(receive(UNSEEN, stream(end))).toMatchObject({
      status: 'failed',
      error: { message: 'No.' },
    });
  });
});

describe('a step', () => {
  test('runs, and ends with its counts', () => {
    const done = s1(
      step('step_started', { attempt: 1 }),
      step('step_succeeded', { attempt: 1, items: { main: 3 }, duration_ms: 12 }),
    );
    expect(done).toMatchObject({ status: 'completed', items: { main: 3 }, durationMs: 12 });
    expect(done?.attempts).toHaveLength(1);
  });

  test('that is tried again keeps the error of each attempt', () => {
    const error = { code: 'timeout', message: 'Too slow.' };
    const done = s1(
      step('step_started', { attempt: 1 }),
      step('step_retrying', { attempt: 1, error }),
      step('step_started', { attempt: 2 }),
      step('step_succeeded', { attempt: 2 }),
    );
    expect(done?.attempts.map((attempt) => attempt.error)).toEqual([error, null]);
  });

  test('whose retry is told with the number of the next attempt is running again', () => {
    const retried = s1(
      step('step_started', { attempt: 1 }),
      step('step_retrying', { attempt: 2, error: 'worker_lost' }),
    );
    expect(retried?.status).toBe('running');
    expect(retried?.attempts.map((attempt) => attempt.n)).toEqual([1, 2]);
  });

  test('waits when the run waits at it', () => {
    const waiting = s1(step('step_started'), step('run_waiting', { for: 'decision' }));
    expect(waiting).toMatchObject({ status: 'waiting', waiting: { for: 'decision' } });
  });

  test('taken over from an earlier run ends without having begun, before the run starts', () => {
    const state = receive(
      UNSEEN,
      stream(step('step_succeeded', { items: { main: 1 } }), { event: 'run_started' }),
    );
    expect(state.steps.get('s1')).toMatchObject({ status: 'completed', attempts: [] });
    expect(state.status).toBe('running');
  });

  test('that was skipped has no attempt', () => {
    expect(s1(step('step_skipped'))).toMatchObject({ status: 'skipped', attempts: [] });
  });

  test('of a later iteration is the latest of its node, whatever an earlier one still tells', () => {
    const state = receive(
      UNSEEN,
      stream(
        step('step_started'),
        step('step_started', { step: 's2', iteration: 1 }),
        step('step_succeeded'),
      ),
    );
    expect(state.latest.get('n1')?.id).toBe('s2');
  });
});

test('a node has given what all its steps gave', () => {
  const gave = (items: Record<string, number>, iteration: number) =>
    step('step_succeeded', { step: `s${iteration}`, iteration, items });
  const state = receive(
    UNSEEN,
    stream(gave({ loop: 1 }, 0), gave({ loop: 1 }, 1), gave({ done: 2 }, 2)),
  );
  expect(state.given.get('n1')).toEqual({ loop: 2, done: 2 });
});

describe('the stream', () => {
  test('is dropped where it repeats itself', () => {
    const events = stream({ event: 'run_started' }, step('step_started'));
    const once = receive(UNSEEN, events);
    expect(receive(once, events)).toBe(once);
  });

  test('with a gap is applied up to the gap, and the rest is missing', () => {
    const [first, , third] = stream({ event: 'run_started' }, step('step_started'), {});
    const state = receive(UNSEEN, [first, third] as RunEvent[]);
    expect(state).toMatchObject({ seq: 1, missing: true });
  });

  test('leaves the state that it was applied to as it was', () => {
    const before = receive(UNSEEN, stream(step('step_started')));
    const copy = structuredClone(before);
    receive(before, stream({}, step('step_succeeded')));
    expect(before).toEqual(copy);
  });

  test('gives the same state however it is split, repeated, reordered, cut and resumed', () => {
    fc.assert(
      fc.property(eventsOf, fc.infiniteStream(fc.nat()), (events, choices) => {
        const whole = receive(UNSEEN, events);
        const draw = (below: number) => (choices.next().value ?? 0) % below;
        let state: RunState = UNSEEN;
        // Each turn delivers some portion from anywhere up to just behind what was applied: it
        // repeats, skips ahead (a gap), or goes on. A gap is answered as the hook answers it.
        for (let turn = 0; state.seq < events.length; turn += 1) {
          const from = turn % 2 === 0 ? state.seq : draw(events.length);
          const portion = events.slice(from, from + 1 + draw(7));
          if (draw(3) === 0) portion.reverse();
          state = receive(state, portion);
          if (state.missing) state = receive(state, events.slice(state.seq, state.seq + 1));
        }
        expect(state).toEqual(whole);
      }),
      { numRuns: 300 },
    );
  });

  test('of ten thousand events in small portions ends with every step', () => {
    const many = stream(
      ...Array.from({ length: 5_000 }, (_, i) => [
        step('step_started', { step: `s${i}`, iteration: i }),
        step('step_succeeded', { step: `s${i}`, iteration: i }),
      ]).flat(),
    );
    let state = UNSEEN;
    for (let from = 0; from < many.length; from += 100) {
      state = receive(state, many.slice(from, from + 100));
    }
    expect(state.steps.size).toBe(5_000);
    expect(state.latest.get('n1')?.iteration).toBe(4_999);
  });
});
