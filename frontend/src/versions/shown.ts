/** Which two states of a workflow are compared: versions by number, and the draft. */

import type { Workflow } from '../api/types';

/** Null is the draft. */
export type Shown = number | null;

export function nameOf(shown: Shown): string {
  return shown === null ? 'The draft' : `Version ${shown}`;
}

/** As it stands in the address: "draft", or a number. */
export function written(shown: Shown): string {
  return shown === null ? 'draft' : String(shown);
}

export function readFrom(text: string | null): Shown | undefined {
  if (text === 'draft') return null;
  return text !== null && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}

/** What it is compared with where nobody says: the draft with what runs, a version with the last. */
export function usualFor(shown: Shown, workflow: Workflow): Shown | undefined {
  if (shown === null) return workflow.version ?? workflow.latest_version ?? undefined;
  return shown > 1 ? shown - 1 : undefined;
}
