/** The lines of the console: each event of the run as one sentence. */

import type { WaitReason } from '../api/types';
import { duration, fullTime } from '../ui/times';
import { asError, isStopped, type RunEvent } from './events';

export type Tone = 'plain' | 'muted' | 'good' | 'warn' | 'bad';

export interface Line {
  seq: number;
  at: string;
  tone: Tone;
  step: string | null;
  /** The node's name, or null for what the run itself tells. */
  node: string | null;
  text: string;
  kind: 'event' | 'log';
}

export const WAITS_FOR: Record<WaitReason, string> = {
  delay: 'a delay',
  signal: 'a call from outside',
  child: 'a child run',
  approval: 'an approval',
  form: 'a form to be filled in',
  retry: 'the next attempt',
  decision: 'a decision',
};

export function lineOf(event: RunEvent, nameOf: (node: string) => string): Line {
  const [tone, text] = sentenceOf(event);
  return {
    seq: event.seq,
    at: event.at,
    tone,
    step: event.step ?? null,
    node: event.node == null ? null : named(nameOf(event.node), event.iteration ?? 0),
    text,
    kind: event.event === 'step_log' ? 'log' : 'event',
  };
}

/** Whether a line is kept by the filter: all words must occur, in the text or the node's name. */
export function matches(line: Line, filter: string): boolean {
  const text = `${line.node ?? 'run'} ${line.text}`.toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** The lines as a file has them, with the moment of each and the node that it tells of. */
export function textOf(lines: readonly Line[]): string {
  return lines.map(({ at, node, text }) => `${at} ${node ?? 'run'}: ${text}\n`).join('');
}

function named(name: string, iteration: number): string {
  return iteration === 0 ? name : `${name} #${iteration + 1}`;
}

function sentenceOf(event: RunEvent): [Tone, string] {
  switch (event.event) {
    case 'run_started':
      return ['plain', 'Run started'];
    case 'run_waiting':
      return ['warn', `Waiting for ${waitSentence(event)}`];
    case 'run_resumed':
      return ['plain', 'Run goes on'];
    case 'run_finished':
      return runEnd(event);
    case 'step_started':
      return ['muted', (event.attempt ?? 1) > 1 ? `Started, attempt ${event.attempt}` : 'Started'];
    case 'step_retrying':
      return ['warn', `Attempt ${event.attempt ?? 1} failed${because(event)}`];
    case 'step_log':
      return [logTone(event.level), event.text ?? ''];
    case 'step_succeeded':
      if (event.copied) return ['muted', `Taken over${gave(event)}`];
      return ['good', `Completed${took(event)}${gave(event)}`];
    case 'step_failed':
      if (event.copied) return ['muted', `Taken over as failed${because(event)}`];
      if (isStopped(asError(event.error)))
        return ['muted', `Stopped${after(event)}${because(event)}`];
      return ['bad', `Failed${took(event)}${because(event)}`];
    case 'step_skipped':
      return ['muted', 'Skipped'];
  }
}

function runEnd(event: RunEvent): [Tone, string] {
  if (event.status === 'completed') return ['good', 'Run completed'];
  if (event.status === 'cancelled') return ['warn', `Run cancelled${because(event)}`];
  return ['bad', `Run failed${because(event)}`];
}

function waitSentence(event: RunEvent): string {
  const reason = WAITS_FOR[event.for ?? 'signal'];
  return event.until == null ? reason : `${reason} until ${fullTime(event.until)}`;
}

function because(event: RunEvent): string {
  const error = asError(event.error);
  if (error === null) return '';
  if (!error.hint) return `: ${error.message}`;
  return `: ${error.message}${/[.!?]$/.test(error.message) ? '' : '.'} ${error.hint}`;
}

function took(event: RunEvent): string {
  return event.duration_ms == null ? '' : ` in ${duration(event.duration_ms)}`;
}

function after(event: RunEvent): string {
  return event.duration_ms == null ? '' : ` after ${duration(event.duration_ms)}`;
}

function gave(event: RunEvent): string {
  const counts = Object.entries(event.items ?? {});
  if (counts.length === 0) return '';
  return ` → ${counts.map(([output, n]) => `${output}: ${n} ${n === 1 ? 'item' : 'items'}`).join(', ')}`;
}

function logTone(level: string | undefined): Tone {
  if (level === 'error' || level === 'critical') return 'bad';
  if (level === 'warning' || level === 'warn') return 'warn';
  return level === 'debug' ? 'muted' : 'plain';
}
