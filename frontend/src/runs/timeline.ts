/** The bars of the timeline: one row a step, one bar an attempt, against one clock. */

import type { RunState, StepState } from './events';

export interface Bar {
  n: number;
  /** Both as a share of the whole span, 0 to 1. */
  from: number;
  to: number;
  ms: number;
  failed: boolean;
}

export interface Row {
  step: StepState;
  bars: Bar[];
  ms: number | null;
}

export interface Span {
  startMs: number;
  lengthMs: number;
}

/**
 * Steps that were skipped, or taken over from an earlier run, have no bar and no row. `nowMs` is
 * where open attempts reach to.
 */
export function timelineOf(run: RunState, nowMs: number): { span: Span; rows: Row[] } {
  const span = spanOf(run, nowMs);
  const rows = [...run.steps.values()]
    .filter((step) => step.attempts.length > 0)
    .map((step) => ({ step, bars: barsOf(step, span, nowMs), ms: lengthOf(step) }));
  return { span, rows };
}

/** Round times within the span, about `wanted` of them, for the axis. */
export function ticksOf(lengthMs: number, wanted: number): number[] {
  const raw = Math.max(lengthMs, 1) / wanted;
  const power = 10 ** Math.floor(Math.log10(raw));
  const size = [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= raw) ?? raw;
  return Array.from({ length: Math.floor(lengthMs / size) + 1 }, (_, index) => index * size);
}

function spanOf(run: RunState, nowMs: number): Span {
  const first = run.startedAt ?? run.events[0]?.at;
  const startMs = first === undefined ? nowMs : Date.parse(first);
  const endMs = run.finishedAt === null ? nowMs : Date.parse(run.finishedAt);
  return { startMs, lengthMs: Math.max(endMs - startMs, 1) };
}

function barsOf(step: StepState, span: Span, nowMs: number): Bar[] {
  return step.attempts.map((attempt) => {
    const from = Date.parse(attempt.startedAt);
    const to = Math.max(from, attempt.endedAt === null ? nowMs : Date.parse(attempt.endedAt));
    return {
      n: attempt.n,
      from: share(from, span),
      to: share(to, span),
      ms: to - from,
      failed: attempt.error !== null,
    };
  });
}

function share(ms: number, span: Span): number {
  return Math.min(1, Math.max(0, (ms - span.startMs) / span.lengthMs));
}

function lengthOf(step: StepState): number | null {
  const first = step.attempts[0];
  if (step.endedAt === null || first === undefined) return null;
  return Date.parse(step.endedAt) - Date.parse(first.startedAt);
}
