/**
 * The state of a run, rebuilt from its events alone.
 *
 * Events carry the run's own sequence, 1, 2, 3, … without gaps. `receive` takes them in any
 * portions: what it has seen already is dropped, and what comes too early is not applied but
 * noted in `missing`, so that the caller asks again from `seq` on. Any stream, however it is
 * split, repeated or cut and resumed, thus ends in the same state.
 */

import type { RunStatus, StepError, StepStatus, WaitReason } from '../api/types';

export type StepEventName =
  'step_started' | 'step_retrying' | 'step_log' | 'step_succeeded' | 'step_failed' | 'step_skipped';

export type RunEventName = 'run_started' | 'run_waiting' | 'run_resumed' | 'run_finished';

/** One event as the server tells it; which of the optional parts it has depends on its name. */
export interface RunEvent {
  event: StepEventName | RunEventName;
  run: string;
  seq: number;
  at: string;
  step?: string | null;
  node?: string | null;
  iteration?: number;
  status?: RunStatus | StepStatus;
  attempt?: number;
  items?: Record<string, number> | null;
  duration_ms?: number | null;
  error?: StepError | string | null;
  /** The step was taken over from an earlier run. */
  copied?: boolean;
  level?: string;
  text?: string;
  for?: WaitReason;
  until?: string | null;
}

/**
 * How a step stands. The server has a step that the end of its run closed as failed; it has not
 * failed itself, and is shown as stopped.
 */
export type ShownStatus = StepStatus | 'stopped';

export interface AttemptState {
  n: number;
  startedAt: string;
  endedAt: string | null;
  error: StepError | null;
}

export interface StepState {
  id: string;
  /** The number of the last event that told of it. */
  seq: number;
  node: string;
  iteration: number;
  status: ShownStatus;
  /** Taken over from an earlier run: it did not run here. */
  copied: boolean;
  attempts: AttemptState[];
  endedAt: string | null;
  items: Record<string, number> | null;
  durationMs: number | null;
  error: StepError | null;
  waiting: { for: WaitReason; until: string | null } | null;
}

export interface RunState {
  /** The last event applied; a follower asks for what comes after it. */
  seq: number;
  /** Whether an event came before its predecessor did, which must be asked for again. */
  missing: boolean;
  status: RunStatus;
  startedAt: string | null;
  finishedAt: string | null;
  waiting: { for: WaitReason; until: string | null } | null;
  error: StepError | null;
  /** By step id, in the order in which they began. */
  steps: ReadonlyMap<string, StepState>;
  /** By node id: its latest step. */
  latest: ReadonlyMap<string, StepState>;
  /** By node id: how many items each of its outputs has given, over all its steps. */
  given: ReadonlyMap<string, Readonly<Record<string, number>>>;
  events: readonly RunEvent[];
}

export const UNSEEN: RunState = {
  seq: 0,
  missing: false,
  status: 'pending',
  startedAt: null,
  finishedAt: null,
  waiting: null,
  error: null,
  steps: new Map(),
  latest: new Map(),
  given: new Map(),
  events: [],
};

/** Apply a portion of the stream. The state given is never changed. */
export function receive(state: RunState, portion: readonly RunEvent[]): RunState {
  const next: Draft = {
    ...state,
    missing: false,
    steps: new Map(state.steps),
    latest: new Map(state.latest),
    given: new Map(state.given),
    events: [...state.events],
  };
  for (const event of portion) {
    if (event.seq <= next.seq) continue;
    if (event.seq > next.seq + 1) {
      next.missing = true;
      continue;
    }
    next.seq = event.seq;
    next.missing = false;
    next.events.push(event);
    if (event.event.startsWith('run_')) applyToRun(next, event);
    if (event.step != null) applyToStep(next, event.step, event);
  }
  if (next.seq === state.seq) return next.missing ? { ...state, missing: true } : state;
  return next;
}

export function isFinished(status: RunStatus): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}

/** Whether the step did not fail itself, but was closed because its run ended. */
export function isStopped(error: StepError | null): boolean {
  return error?.code !== undefined && STOPS.has(error.code);
}

const STOPS = new Set([
  'cancelled',
  'sibling_failed',
  'deadline',
  'step_budget',
  'run_output_too_large',
]);

export function asError(error: StepError | string | null | undefined): StepError | null {
  if (error == null || error === '') return null;
  return typeof error === 'string' ? { message: error } : error;
}

interface Draft extends RunState {
  steps: Map<string, StepState>;
  latest: Map<string, StepState>;
  given: Map<string, Record<string, number>>;
  events: RunEvent[];
}

function applyToRun(run: Draft, event: RunEvent): void {
  switch (event.event) {
    case 'run_started':
      run.status = 'running';
      run.startedAt = event.at;
      break;
    case 'run_waiting':
      run.status = 'waiting';
      run.waiting = waitOf(event);
      break;
    case 'run_resumed':
      run.status = 'running';
      run.waiting = null;
      break;
    case 'run_finished':
      run.status = event.status as RunStatus;
      run.finishedAt = event.at;
      run.waiting = null;
      run.error = asError(event.error);
      break;
  }
}

function applyToStep(run: Draft, id: string, event: RunEvent): void {
  const before = run.steps.get(id);
  if (before === undefined && event.node == null) return;
  const step = { ...advance(before ?? newStep(id, event), event), seq: event.seq };
  run.steps.set(id, step);
  const latest = run.latest.get(step.node);
  if (latest === undefined || step.iteration >= latest.iteration) run.latest.set(step.node, step);
  if (event.items) run.given.set(step.node, sum(run.given.get(step.node) ?? {}, event.items));
}

function sum(before: Record<string, number>, more: Record<string, number>): Record<string, number> {
  const total = { ...before };
  for (const [name, count] of Object.entries(more)) total[name] = (total[name] ?? 0) + count;
  return total;
}

function newStep(id: string, event: RunEvent): StepState {
  return {
    id,
    seq: event.seq,
    node: event.node ?? '',
    iteration: event.iteration ?? 0,
    status: 'pending',
    copied: false,
    attempts: [],
    endedAt: null,
    items: null,
    durationMs: null,
    error: null,
    waiting: null,
  };
}

function advance(step: StepState, event: RunEvent): StepState {
  switch (event.event) {
    case 'step_started':
      return {
        ...step,
        status: 'running',
        waiting: null,
        attempts: begin(step.attempts, event.attempt ?? 1, event.at),
      };
    case 'step_retrying':
      return retry(step, event);
    case 'step_succeeded':
    case 'step_failed':
    case 'step_skipped':
      return end(step, event);
    case 'run_waiting':
      return { ...step, status: 'waiting', waiting: waitOf(event) };
    default:
      return step;
  }
}

/** The open attempt ended in an error; a higher number says that the next one began with it. */
function retry(step: StepState, event: RunEvent): StepState {
  const closed = close(step.attempts, event.at, asError(event.error));
  const last = closed.at(-1)?.n ?? 0;
  const begun = event.attempt !== undefined && event.attempt > last;
  return {
    ...step,
    status: begun ? 'running' : 'pending',
    waiting: null,
    attempts: begun ? begin(closed, event.attempt ?? last + 1, event.at) : closed,
  };
}

function end(step: StepState, event: RunEvent): StepState {
  const error = asError(event.error);
  return {
    ...step,
    status: endStatus(event, error),
    copied: event.copied ?? false,
    attempts: close(step.attempts, event.at, isStopped(error) ? null : error),
    endedAt: event.at,
    items: event.items ?? null,
    durationMs: event.duration_ms ?? null,
    error,
    waiting: null,
  };
}

function endStatus(event: RunEvent, error: StepError | null): ShownStatus {
  if (event.event === 'step_succeeded') return 'completed';
  if (event.event === 'step_skipped') return 'skipped';
  return isStopped(error) ? 'stopped' : 'failed';
}

function begin(attempts: AttemptState[], n: number, at: string): AttemptState[] {
  if (attempts.some((attempt) => attempt.n === n)) return attempts;
  return [...close(attempts, at, null), { n, startedAt: at, endedAt: null, error: null }];
}

function close(attempts: AttemptState[], at: string, error: StepError | null): AttemptState[] {
  const last = attempts.at(-1);
  if (last === undefined || last.endedAt !== null) return attempts;
  return [...attempts.slice(0, -1), { ...last, endedAt: at, error }];
}

function waitOf(event: RunEvent): { for: WaitReason; until: string | null } {
  return { for: event.for ?? 'signal', until: event.until ?? null };
}
