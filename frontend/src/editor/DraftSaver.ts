/** Saves a draft by itself while it is edited, and loses nothing while it cannot. No React. */

import { ApiError } from '../api/client';
import { stringifyExact } from '../api/exactJson';
import type { Draft, DraftSaved, Graph } from '../api/types';
import { placed } from '../graph/layout';

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
   * it took, or that others made and one takes from it.
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

  /** Save at once what is not saved yet. Gives the revision that is saved; rejects where it cannot be. */
  async flush(): Promise<number> {
    while (this.unsaved !== null || this.isSending) {
      if (this.current.is === 'conflict') throw new Error('Somebody else has changed the draft.');
      if (!this.isSending) await this.send();
      else await new Promise((resolve) => setTimeout(resolve, 20));
      // While it is tried again, what failed before says nothing of that.
      if (!this.isSending && this.state.is === 'failed') throw this.state.error;
    }
    return this.revision;
  }

  /** After a conflict: let the draft be as it is here, whatever the others made of it. */
  keepMine(): void {
    if (this.current.is !== 'conflict') return;
    this.revision = this.current.theirs.revision;
    this.set({ is: 'saving' });
    this.sendIn(0);
  }

  /**
   * After a conflict: let go of what is only here, and go on from what the others made. Gives their
   * graph, with a place for every node.
   */
  takeTheirs(): Graph | null {
    if (this.current.is !== 'conflict') return null;
    const { theirs } = this.current;
    this.revision = theirs.revision;
    this.unsaved = null;
    this.taken = placed(theirs.graph);
    this.onSaved(theirs, this.taken);
    this.set({ is: 'saved' });
    return this.taken;
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
      this.take(await this.store.put(graph, this.revision), graph);
    } catch (error) {
      // What was typed meanwhile is newer.
      this.unsaved ??= graph;
      await this.meet(graph, error instanceof Error ? error : new Error(String(error)));
    } finally {
      // Not before it is known how the draft stands: until then nothing else can be sent.
      this.isSending = false;
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
        // At the same revision nobody has changed it: it may not be changed, as in the archive.
        if (theirs.revision !== this.revision) {
          this.set({ is: 'conflict', theirs });
          return;
        }
      } catch (reason) {
        error = reason instanceof Error ? reason : error;
      }
    }
    // What the server has understood and refused it will refuse again.
    const isRefused = error instanceof ApiError && error.status < 500 && error.status !== 429;
    this.set({ is: 'failed', error, isTriedAgain: !isRefused });
    if (isRefused) {
      if (this.unsaved !== sent) this.sendIn(QUIET_MS);
      return;
    }
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
