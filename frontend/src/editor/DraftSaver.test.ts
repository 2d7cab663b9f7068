import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ApiError, UnreachableError } from '../api/client';
import type { Draft, Graph } from '../api/types';
import { DraftSaver } from './DraftSaver';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const graph = (name: string): Graph => ({
  nodes: [{ id: 'a', type: 'manual', name, params: {} }],
  edges: [],
});

const after = (ms: number) =>
  ms === 0 ? undefined : new Promise((resolve) => setTimeout(resolve, ms));

/** A server that keeps one draft. */
class Server {
  draft: Draft = { graph: graph('old'), revision: 0, errors: [], warnings: [], ports: {} };
  fails: Error[] = [];
  puts = 0;
  /** The next answer is lost, though its draft was taken. */
  losesAnswer = false;
  /** How long it takes to answer. */
  getMs = 0;
  putMs = 0;
  isArchived = false;

  readonly get = async () => {
    await after(this.getMs);
    return this.draft;
  };
  readonly put = async (graph: Graph, revision: number) => {
    this.puts += 1;
    await after(this.putMs);
    if (this.isArchived) throw new ApiError(409, 'This workflow is archived.');
    return this.taken(graph, revision);
  };
  private taken(graph: Graph, revision: number) {
    const error = this.fails.shift();
    if (error !== undefined) return Promise.reject(error);
    if (revision !== this.draft.revision) return Promise.reject(new ApiError(409, 'changed'));
    this.draft = { ...this.draft, graph, revision: revision + 1 };
    if (!this.losesAnswer) return Promise.resolve(this.draft);
    this.losesAnswer = false;
    return Promise.reject(new UnreachableError());
  }
  changedByOthers() {
    this.draft = { ...this.draft, graph: graph('theirs'), revision: this.draft.revision + 1 };
  }
  get name() {
    return this.draft.graph.nodes[0]?.name;
  }
}

function opened() {
  const server = new Server();
  const told: string[] = [];
  const saver = new DraftSaver(server, 0, (_saved, graph) => told.push(graph.nodes[0]?.name ?? ''));
  return { server, saver, told };
}

test('what was typed is saved once, a moment after the last of it', async () => {
  const { server, saver, told } = opened();
  saver.note(graph('a'));
  await vi.advanceTimersByTimeAsync(300);
  saver.note(graph('ab'));
  expect([server.puts, saver.state.is]).toEqual([0, 'saving']);
  await vi.advanceTimersByTimeAsync(600);
  expect([server.puts, server.name, saver.state.is]).toEqual([1, 'ab', 'saved']);
  expect(told).toEqual(['ab']);
});

test('who never stops typing is saved all the same', async () => {
  const { server, saver } = opened();
  for (let n = 0; n < 30; n += 1) {
    saver.note(graph(`${n}`));
    await vi.advanceTimersByTimeAsync(300);
  }
  expect(server.puts).toBeGreaterThan(0);
});

test('without a network it tries again until it is saved', async () => {
  const { server, saver } = opened();
  server.fails = [new UnreachableError(), new UnreachableError(), new ApiError(503, 'away')];
  saver.note(graph('a'));
  await vi.advanceTimersByTimeAsync(700);
  expect(saver.state).toMatchObject({ is: 'failed', isTriedAgain: true });
  saver.note(graph('ab'));
  await vi.advanceTimersByTimeAsync(60_000);
  expect([server.name, saver.state.is]).toEqual(['ab', 'saved']);
});

test('a draft that was taken though its answer was lost is no conflict', async () => {
  const { server, saver } = opened();
  server.losesAnswer = true;
  saver.note(graph('a'));
  await vi.advanceTimersByTimeAsync(10_000);
  expect([server.name, saver.state.is]).toEqual(['a', 'saved']);
  saver.note(graph('b'));
  await vi.advanceTimersByTimeAsync(1_000);
  expect([server.name, saver.state.is]).toEqual(['b', 'saved']);
});

test('what was typed while a lost draft was asked for is saved after it', async () => {
  const { server, saver } = opened();
  server.losesAnswer = true;
  saver.note(graph('a'));
  await vi.advanceTimersByTimeAsync(700);
  saver.note(graph('ab'));
  await vi.advanceTimersByTimeAsync(10_000);
  expect([server.name, saver.state.is]).toEqual(['ab', 'saved']);
});

test('what is typed while it is asked whether a draft was taken waits for the answer', async () => {
  const { server, saver } = opened();
  const seen: string[] = [];
  saver.subscribe(() => seen.push(saver.state.is));
  server.losesAnswer = true;
  server.getMs = 2_000;
  saver.note(graph('a'));
  await vi.advanceTimersByTimeAsync(2_000);
  saver.note(graph('ab'));
  await vi.advanceTimersByTimeAsync(1_000);
  expect([server.puts, saver.state.is]).toEqual([2, 'failed']);
  await vi.advanceTimersByTimeAsync(10_000);
  expect([server.name, saver.state.is]).toEqual(['ab', 'saved']);
  expect(seen).not.toContain('conflict');
});

test('what others changed is told, and nothing is overwritten by itself', async () => {
  const { server, saver } = opened();
  server.changedByOthers();
  saver.note(graph('mine'));
  await vi.advanceTimersByTimeAsync(20_000);
  expect([server.name, saver.state.is]).toEqual(['theirs', 'conflict']);
  await expect(saver.flush()).rejects.toThrow('Somebody else');
});

test('of two one may keep their own', async () => {
  const { server, saver } = opened();
  server.changedByOthers();
  saver.note(graph('mine'));
  await vi.advanceTimersByTimeAsync(1_000);
  saver.keepMine();
  await vi.advanceTimersByTimeAsync(1_000);
  expect([server.name, saver.state.is]).toEqual(['mine', 'saved']);
});

test('of two one may take theirs, and goes on from there', async () => {
  const { server, saver, told } = opened();
  server.changedByOthers();
  saver.note(graph('mine'));
  await vi.advanceTimersByTimeAsync(1_000);
  const theirs = saver.takeTheirs() ?? graph('nothing');
  expect(theirs.nodes[0]?.name).toBe('theirs');
  // What the server says of theirs is told as it is of one's own.
  expect(told).toEqual(['theirs']);
  // It is shown now, and nothing of it is new: for the others it would be a change to meet.
  const before = server.puts;
  saver.note(theirs);
  await vi.advanceTimersByTimeAsync(10_000);
  expect([server.puts, saver.state.is]).toEqual([before, 'saved']);
  saver.note(graph('both'));
  await vi.advanceTimersByTimeAsync(1_000);
  expect([server.name, saver.state.is]).toEqual(['both', 'saved']);
});

test('what the server refuses is not sent again by itself', async () => {
  const { server, saver } = opened();
  server.fails = [new ApiError(422, 'This is no graph.')];
  saver.note(graph('a'));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(server.puts).toBe(1);
  expect(saver.state).toMatchObject({ is: 'failed', isTriedAgain: false });
  saver.note(graph('b'));
  await vi.advanceTimersByTimeAsync(1_000);
  expect([server.name, saver.state.is]).toEqual(['b', 'saved']);
});

test('what was corrected while the server refused it is sent by itself', async () => {
  const { server, saver } = opened();
  server.fails = [new ApiError(422, 'This is no graph.')];
  server.putMs = 2_000;
  saver.note(graph('a'));
  await vi.advanceTimersByTimeAsync(1_000);
  saver.note(graph('b'));
  await vi.advanceTimersByTimeAsync(10_000);
  expect([server.name, saver.state.is]).toEqual(['b', 'saved']);
});

test('a draft that may not be changed any more is no conflict with anybody', async () => {
  const { server, saver } = opened();
  server.isArchived = true;
  saver.note(graph('a'));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(server.puts).toBe(1);
  expect(saver.state).toMatchObject({
    is: 'failed',
    isTriedAgain: false,
    error: { message: 'This workflow is archived.' },
  });
});

test('a flush waits for a try that is under way', async () => {
  const { server, saver } = opened();
  server.fails = [new UnreachableError()];
  server.putMs = 100;
  saver.note(graph('a'));
  await vi.advanceTimersByTimeAsync(1_750);
  expect([server.puts, saver.state.is]).toEqual([2, 'failed']);
  await Promise.all([saver.flush(), vi.advanceTimersByTimeAsync(1_000)]);
  expect(server.name).toBe('a');
});

test('a flush saves at once, and says where it cannot', async () => {
  const { server, saver } = opened();
  saver.note(graph('a'));
  await saver.flush();
  expect(server.name).toBe('a');
  server.fails = [new ApiError(413, 'too large')];
  saver.note(graph('b'));
  await expect(saver.flush()).rejects.toThrow('too large');
});

test('one that was stopped tries no more, and what it was at is left', async () => {
  const { server, saver } = opened();
  server.fails = [new UnreachableError()];
  saver.note(graph('a'));
  const leaving = saver.flush().catch(() => saver.stop());
  await vi.advanceTimersByTimeAsync(60_000);
  await leaving;
  expect([server.puts, server.name, saver.state.is]).toEqual([1, 'old', 'failed']);
});
