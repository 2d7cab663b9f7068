/** Saves a draft by itself while it is edited, and loses nothing while it cannot. No React. */

import { ApiError } from '../api/client';
import { stringifyExact } from '../api/exactJson';
import type { Draft, DraftSaved, Graph } from '../api/types';

const QUIET_MS = 600;
/** Who never stops typing is saved all the same. */
const LONGEST_MS = 5_000;
const RETRY_MS = [1_000, 2_000, 5_000, 15_000];

/** How a draft is read and written. */
export interface DraftStore {
  get: () => Promise<Draft>;
  put: (graph: Graph, revision: number) => Promise<DraftSaved>;
}

export type Saving =
  | { is: 'saved' }
  /** Changed since, or on its way to the server. */
  | { is: 'saving' }
  /** The server did not take it; tried again by itself where that can help. */
  | { is: 'failed'; error: Error; isTriedAgain: boolean }
  /** Somebody else has changed the draft since. */
  | { is: 'conflict'; theirs: Draft };

export class DraftSaver {
  private current: Saving = { is: 'saved' };
  private listeners = new Set<() => void>();
  private unsaved: Graph | null = null;
  private unsavedSince = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isSending = false;
  private isStopped = false;
  /** Sent, and nobody knows whether it was taken. */
  private unanswered: Graph | null = null;
  /** What the others made, as the server has it: not to be sent. */
  private taken: Graph | null = null;
  private failures = 0;

  /**
   * `revision` is the one that is edited; `onSaved` is told what the server says of each graph that
   * it took.
   */
  constructor(
    private readonly store: DraftStore,
    private revision: number,
    private readonly onSaved: (saved: DraftSaved, graph: Graph) => void,
  ) {}

  get state(): Saving {
    return this.current;
  }

  /** The revision that is edited. */
  get basis(): number {
    return this.revision;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Take the graph as it is now, to be saved soon. */
  note(graph: Graph): void {
    if (graph === this.taken) return;
    this.taken = null;
    if (this.unsaved === null) this.unsavedSince = Date.now();
    this.unsaved = graph;
    if (this.current.is === 'conflict') return;
    if (this.current.is !== 'failed') this.set({ is: 'saving' });
    const waited = Date.now() - this.unsavedSince;
    this.sendIn(Math.max(0, Math.min(QUIET_MS, LONGEST_MS - waited)));
  }

  /** Save at once what is not saved yet. Resolves when it is; rejects where it cannot be. */
  async flush(): Promise<void> {
    while (this.unsaved !== null || this.isSending) {
      if (this.current.is === 'conflict') throw new Error('Somebody else has changed the draft.');
      if (!this.isSending) await this.send();
      else await new Promise((resolve) => setTimeout(resolve, 20));
      if (this.state.is === 'failed') throw this.state.error;
    }
  }

  /** After a conflict: let the draft be as it is here, whatever the others made of it. */
  keepMine(): void {
    if (this.current.is !== 'conflict') return;
    this.revision = this.current.theirs.revision;
    this.set({ is: 'saving' });
    this.sendIn(0);
  }

  /** After a conflict: let go of what is only here, and go on from what the others made. */
  takeTheirs(): Draft | null {
    if (this.current.is !== 'conflict') return null;
    const { theirs } = this.current;
    this.revision = theirs.revision;
    this.unsaved = null;
    this.taken = theirs.graph;
    this.set({ is: 'saved' });
    return theirs;
  }

  /** Save no more; what is not saved yet is left. */
  stop(): void {
    clearTimeout(this.timer);
    this.isStopped = true;
  }

  private sendIn(ms: number): void {
    clearTimeout(this.timer);
    if (this.isStopped) return;
    this.timer = setTimeout(() => void this.send(), ms);
  }

  private async send(): Promise<void> {
    clearTimeout(this.timer);
    const graph = this.unsaved;
    if (graph === null || this.isSending) return;
    this.isSending = true;
    this.unsaved = null;
    try {
      const saved = await this.store.put(graph, this.revision);
      this.isSending = false;
      this.take(saved, graph);
    } catch (error) {
      // What was typed meanwhile is newer.
      this.unsaved ??= graph;
      this.isSending = false;
      await this.meet(graph, error instanceof Error ? error : new Error(String(error)));
    }
  }

  private take(saved: DraftSaved, graph: Graph): void {
    this.revision = saved.revision;
    this.failures = 0;
    this.unanswered = null;
    if (this.unsaved === graph) this.unsaved = null;
    this.onSaved(saved, graph);
    if (this.unsaved !== null) this.note(this.unsaved);
    else this.set({ is: 'saved' });
  }

  private async meet(sent: Graph, error: Error): Promise<void> {
    if (error instanceof ApiError && error.status === 409) {
      try {
        const theirs = await this.store.get();
        const ours = [sent, this.unanswered].find((graph) => isSame(graph, theirs.graph));
        if (ours != null) {
          // It was taken before, and only the answer was lost.
          this.take(theirs, ours);
          return;
        }
        this.set({ is: 'conflict', theirs });
        return;
      } catch (reason) {
        error = reason instanceof Error ? reason : error;
      }
    }
    // What the server has understood and refused it will refuse again.
    const isRefused = error instanceof ApiError && error.status < 500 && error.status !== 429;
    this.set({ is: 'failed', error, isTriedAgain: !isRefused });
    if (isRefused) return;
    this.unanswered = sent;
    const wait = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)] ?? 0;
    this.failures += 1;
    this.sendIn(wait);
  }

  private set(state: Saving): void {
    this.current = state;
    for (const listener of this.listeners) listener();
  }
}

function isSame(graph: Graph | null, other: Graph): boolean {
  return graph !== null && stringifyExact(graph) === stringifyExact(other);
}
