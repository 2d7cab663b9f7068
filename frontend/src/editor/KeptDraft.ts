/**
 * What is not saved yet, kept in this browser, so that neither a network that is away nor a window
 * that closes loses it. It is taken away as soon as the draft is saved. No React.
 */

import { parseExact, stringifyExact } from '../api/exactJson';
import type { Graph } from '../api/types';

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
}

export class KeptDraft {
  private readonly key: string;
  private latest: (() => Kept) | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** Each person has their own: a browser may be shared. */
  constructor(user: string, workflow: string) {
    this.key = `${PREFIX}${user}:${workflow}`;
  }

  /** What was left unsaved the last time; null where nothing was. */
  read(): Kept | null {
    forgetOld();
    return keptAt(this.key);
  }

  /** Keep the graph soon: not for each letter that is typed. */
  note(graph: Graph, revision: number): void {
    const at = new Date().toISOString();
    this.latest = () => ({ at, revision, graph });
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

  /** It is saved, or let go. */
  forget(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.latest = null;
    try {
      window.localStorage.removeItem(this.key);
    } catch {
      // Nothing could be kept either.
    }
  }
}

function keptAt(key: string): Kept | null {
  try {
    const text = window.localStorage.getItem(key);
    return text === null ? null : (parseExact(text) as Kept);
  } catch {
    return null;
  }
}

/** Drafts that nobody came back to, and the oldest of too many. */
function forgetOld(): void {
  try {
    const known = Object.keys(window.localStorage)
      .filter((key) => key.startsWith(PREFIX))
      .map((key) => ({ key, at: Date.parse(keptAt(key)?.at ?? '') || 0 }))
      .toSorted((a, b) => b.at - a.at);
    known.forEach(({ key, at }, place) => {
      if (place >= MOST_DRAFTS || at < Date.now() - OLDEST_MS) window.localStorage.removeItem(key);
    });
  } catch {
    // What cannot be read cannot be old.
  }
}
