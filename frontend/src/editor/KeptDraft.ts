/**
 * What is not saved yet, kept in this browser, so that neither a network that is away nor a window
 * that closes loses it. It is taken away as soon as the draft is saved. No React.
 */

import { parseExact, stringifyExact } from '../api/exactJson';
import { randomKey } from '../api/randomKey';
import type { Graph } from '../api/types';
import type { Unread } from './UnreadTexts';

const PREFIX = 'ff-unsaved:';
const SOON_MS = 300;
const MOST_DRAFTS = 5;
/** Browsers keep about five million characters for all. */
const LONGEST = 1_500_000;
const OLDEST_MS = 30 * 86_400_000;

export interface Kept {
  at: string;
  /** The revision of the draft that was edited. */
  revision: number;
  graph: Graph;
  /** What is in no graph, as it cannot be read yet. */
  unread?: readonly Unread[];
}

/** What an earlier editor, or one in another window, has kept. */
export interface Left extends Kept {
  key: string;
}

export class KeptDraft {
  private readonly prefix: string;
  private readonly key: string;
  private latest: (() => Kept) | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Each person has their own: a browser may be shared. So has each editor that is opened: none writes
   * over what another could not save.
   */
  constructor(user: string, workflow: string) {
    this.prefix = `${PREFIX}${user}:${workflow}`;
    this.key = `${this.prefix}:${randomKey()}`;
  }

  /** What was left unsaved, the newest first. */
  left(): Left[] {
    return keptDrafts().filter(
      ({ key }) => key === this.prefix || key.startsWith(`${this.prefix}:`),
    );
  }

  /** What was left is taken in, or nobody wants it. */
  letGo({ key }: Left): void {
    remove(key);
  }

  /** Keep the graph soon: not for each letter that is typed. */
  note(graph: Graph, revision: number, unread: readonly Unread[] = []): void {
    const at = new Date().toISOString();
    this.latest = () => ({ at, revision, graph, unread });
    this.timer ??= setTimeout(() => this.write(), SOON_MS);
  }

  /** Keep at once what is to be kept, as when the window closes. */
  write(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.latest === null) return;
    const text = stringifyExact(this.latest());
    this.latest = null;
    try {
      if (text.length <= LONGEST) window.localStorage.setItem(this.key, text);
      else window.localStorage.removeItem(this.key);
    } catch {
      // No room, or none allowed: then only the window has it, which warns before it closes.
    }
  }

  /** It is saved. */
  forget(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.latest = null;
    remove(this.key);
  }
}

/** What is kept, the newest first; drafts that nobody came back to, and too many, are let go. */
function keptDrafts(): Left[] {
  const known = keysOfDrafts()
    .map((key) => ({ ...keptAt(key), key }))
    .toSorted((a, b) => timeOf(b) - timeOf(a));
  return known.filter((each, place): each is Left => {
    const isKept = place < MOST_DRAFTS && timeOf(each) >= Date.now() - OLDEST_MS;
    if (!isKept) remove(each.key);
    return isKept;
  });
}

function keysOfDrafts(): string[] {
  try {
    return Object.keys(window.localStorage).filter((key) => key.startsWith(PREFIX));
  } catch {
    return [];
  }
}

function keptAt(key: string): Partial<Kept> {
  try {
    return parseExact(window.localStorage.getItem(key) ?? '{}') as Kept;
  } catch {
    return {};
  }
}

function timeOf({ at = '' }: Partial<Kept>): number {
  return Date.parse(at) || 0;
}

function remove(key: string): void {
  try {
    window.localStorage.removeItem(key);
  } catch {
    // Nothing could be kept either.
  }
}
