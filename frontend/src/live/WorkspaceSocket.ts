/**
 * The one live connection of a tab: events of the runs that it follows, status changes of all runs
 * of the workspace, that a request came to a webhook that listens for one, and that something was
 * paused or resumed.
 *
 * It connects again by itself, later and later with some chance in it, so that a restarted
 * server is not met by all browsers at once. After that it follows each run from behind the
 * last event that the follower has.
 */

import type { RunStatus } from '../api/types';
import type { RunEvent } from '../runs/events';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

export interface RunStatusChange {
  run: string;
  workflow: string;
  status: RunStatus;
  at: string;
}

/** A request came to a webhook that listens for one: it has got it, or did not let it in. */
export interface Heard {
  workflow: string;
  node: string;
}

export type Connection = 'connecting' | 'open' | 'lost';

/** One who follows a run: `after` is asked at every (re)connection. */
export interface Follower {
  after: () => number;
  take: (event: RunEvent) => void;
}

/** What is needed of the browser; a test gives its own. */
export interface Surroundings {
  connect: (url: string) => WebSocket;
  random: () => number;
}

const BROWSER: Surroundings = {
  connect: (url) => new WebSocket(url),
  random: () => Math.random(),
};

export class WorkspaceSocket {
  connection: Connection = 'connecting';
  private socket: WebSocket | null = null;
  private failures = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly followers = new Map<string, Set<Follower>>();
  private readonly statusListeners = new Set<(change: RunStatusChange) => void>();
  private readonly heardListeners = new Set<(heard: Heard) => void>();
  private readonly holdListeners = new Set<() => void>();
  private readonly connectionListeners = new Set<() => void>();

  constructor(
    private readonly url: string,
    private readonly surroundings: Surroundings = BROWSER,
  ) {}

  open(): void {
    clearTimeout(this.timer);
    this.abandon();
    const socket = this.surroundings.connect(this.url);
    this.socket = socket;
    socket.onopen = () => this.opened();
    socket.onmessage = (message: MessageEvent<string>) => this.received(message.data);
    socket.onclose = () => this.lost();
  }

  close(): void {
    clearTimeout(this.timer);
    this.abandon();
  }

  /** Do not wait for the next try: the network is back, or the tab is looked at again. */
  retryNow(): void {
    if (this.connection === 'lost') this.open();
  }

  /** Get the run's events from behind `follower.after()`, until the answer is called. */
  follow(run: string, follower: Follower): () => void {
    const all = this.followers.get(run) ?? new Set();
    this.followers.set(run, all.add(follower));
    this.ask(run);
    return () => {
      all.delete(follower);
      if (all.size > 0) return;
      this.followers.delete(run);
      this.send({ unfollow: run });
    };
  }

  /** Ask for a followed run's events again, from behind the last one that arrived in order. */
  ask(run: string): void {
    const all = this.followers.get(run);
    if (all === undefined || all.size === 0) return;
    this.send({ follow: run, after: Math.min(...[...all].map((follower) => follower.after())) });
  }

  onStatus(listener: (change: RunStatusChange) => void): () => void {
    this.statusListeners.add(listener);
    return () => this.statusListeners.delete(listener);
  }

  onHeard(listener: (heard: Heard) => void): () => void {
    this.heardListeners.add(listener);
    return () => this.heardListeners.delete(listener);
  }

  /** Something was paused or resumed. */
  onHold(listener: () => void): () => void {
    this.holdListeners.add(listener);
    return () => this.holdListeners.delete(listener);
  }

  onConnection(listener: () => void): () => void {
    this.connectionListeners.add(listener);
    return () => this.connectionListeners.delete(listener);
  }

  private opened(): void {
    this.failures = 0;
    this.become('open');
    for (const run of this.followers.keys()) this.ask(run);
  }

  private lost(): void {
    this.socket = null;
    this.failures += 1;
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** (this.failures - 1), LONGEST_PAUSE_MS);
    this.timer = setTimeout(() => this.open(), pause * (0.5 + this.surroundings.random() / 2));
    this.become('lost');
  }

  private received(text: string): void {
    const message = JSON.parse(text) as { event?: string; run?: string | null; seq?: number };
    if (message.event === 'run_status') {
      for (const listener of this.statusListeners) listener(message as RunStatusChange);
    } else if (message.event === 'hold') {
      for (const listener of this.holdListeners) listener();
    } else if (message.event === 'hook_request' || message.event === 'hook_refused') {
      for (const listener of this.heardListeners) listener(message as Heard);
    } else if (typeof message.run === 'string' && message.seq !== undefined) {
      const followers = this.followers.get(message.run) ?? [];
      for (const follower of followers) follower.take(message as RunEvent);
    }
  }

  private become(connection: Connection): void {
    if (this.connection === connection) return;
    this.connection = connection;
    for (const listener of this.connectionListeners) listener();
  }

  private send(message: object): void {
    if (this.socket?.readyState === 1) this.socket.send(JSON.stringify(message));
  }

  /** Let go of the socket without hearing of its end. */
  private abandon(): void {
    if (this.socket === null) return;
    this.socket.onopen = this.socket.onmessage = this.socket.onclose = null;
    this.socket.close();
    this.socket = null;
  }
}
