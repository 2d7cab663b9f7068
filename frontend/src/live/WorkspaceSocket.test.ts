import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { RunEvent } from '../runs/events';
import { FakeSocket } from '../test/FakeSocket';
import { WorkspaceSocket } from './WorkspaceSocket';

let sockets: FakeSocket[];
let live: WorkspaceSocket;
const newest = () => sockets.at(-1) as FakeSocket;

beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  live = new WorkspaceSocket('ws://host/ws/workspaces/w1', {
    connect: (url) => {
      sockets.push(new FakeSocket(url));
      return newest() as unknown as WebSocket;
    },
    random: () => 1,
  });
  live.open();
});
afterEach(() => vi.useRealTimers());

test('follows a run once the connection is open', () => {
  live.follow('r1', { after: () => 0, take: vi.fn() });
  expect(newest().sent).toEqual([]);
  newest().accept();
  expect(newest().sent).toEqual([{ follow: 'r1', after: 0 }]);
});

test('hands the events of a run to its follower only', () => {
  const mine: RunEvent[] = [];
  live.follow('r1', { after: () => 0, take: (event) => mine.push(event) });
  newest().accept();
  newest().tell({ event: 'run_started', run: 'r1', seq: 1, at: '' });
  newest().tell({ event: 'run_started', run: 'r2', seq: 1, at: '' });
  expect(mine.map((event) => event.run)).toEqual(['r1']);
});

test('does not take an error of the server for an event of the run', () => {
  const take = vi.fn();
  live.follow('r1', { after: () => 0, take });
  newest().accept();
  newest().tell({ event: 'error', run: 'r1', message: 'There is no such run.' });
  expect(take).not.toHaveBeenCalled();
});

test('follows again from behind the last event after the connection was lost', () => {
  let seq = 0;
  live.follow('r1', { after: () => seq, take: (event) => (seq = event.seq) });
  newest().accept();
  newest().tell({ event: 'run_started', run: 'r1', seq: 1, at: '' });
  newest().break();
  expect(live.connection).toBe('lost');
  vi.advanceTimersByTime(500);
  newest().accept();
  expect(newest().sent).toEqual([{ follow: 'r1', after: 1 }]);
});

test('waits longer after each failure, and never longer than a quarter of a minute', () => {
  const pauses = Array.from({ length: 8 }, () => {
    const before = sockets.length;
    newest().break();
    let waited = 0;
    while (sockets.length === before) {
      vi.advanceTimersByTime(100);
      waited += 100;
    }
    return waited;
  });
  expect(pauses).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
});

test('does not wait when the network is back', () => {
  newest().break();
  live.retryNow();
  expect(sockets).toHaveLength(2);
});

test('tells the server when nobody follows the run any more', () => {
  newest().accept();
  const leave = live.follow('r1', { after: () => 0, take: vi.fn() });
  leave();
  expect(newest().sent.at(-1)).toEqual({ unfollow: 'r1' });
});

test('tells status changes of all runs to who listens', () => {
  const heard = vi.fn();
  const stop = live.onStatus(heard);
  newest().accept();
  newest().tell({ event: 'run_status', run: 'r9', workflow: 'w', status: 'failed', at: '' });
  stop();
  newest().tell({ event: 'run_status', run: 'r8', workflow: 'w', status: 'failed', at: '' });
  expect(heard).toHaveBeenCalledTimes(1);
});

test('tells that a request came to a webhook that listens, also one that is refused', () => {
  const heard = vi.fn();
  const stop = live.onHeard(heard);
  newest().accept();
  const refused = { event: 'hook_refused', workflow: 'w', node: 'in', status: 401 };
  const came = { event: 'hook_request', workflow: 'w', node: 'in', request: 'q', run: null };
  newest().tell(refused);
  newest().tell(came);
  stop();
  newest().tell(came);
  expect(heard.mock.calls).toEqual([[refused], [came]]);
});

test('tells that something was paused or resumed', () => {
  const heard = vi.fn();
  const stop = live.onHold(heard);
  newest().accept();
  newest().tell({ event: 'hold', what: 'everything', id: '0' });
  stop();
  newest().tell({ event: 'hold', what: 'everything', id: '0' });
  expect(heard).toHaveBeenCalledTimes(1);
});

test('stays silent and closed after it was closed', () => {
  newest().accept();
  live.close();
  vi.advanceTimersByTime(60_000);
  expect(sockets).toHaveLength(1);
});
