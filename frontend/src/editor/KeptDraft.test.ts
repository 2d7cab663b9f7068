import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { KeptDraft } from './KeptDraft';

const GRAPH = { nodes: [], edges: [], settings: { n: 9007199254740993n } };

beforeEach(() => {
  vi.useFakeTimers();
  window.localStorage.clear();
});
afterEach(() => vi.useRealTimers());

test('what is noted is kept soon, with all digits, and for one person alone', () => {
  new KeptDraft('u1', 'f1').note(GRAPH, 4);
  vi.advanceTimersByTime(1_000);
  expect(new KeptDraft('u1', 'f1').read()).toMatchObject({ revision: 4, graph: GRAPH });
  expect(new KeptDraft('u2', 'f1').read()).toBeNull();
});

test('what was saved is kept no longer, nor written late', () => {
  const kept = new KeptDraft('u1', 'f1');
  kept.note(GRAPH, 4);
  kept.forget();
  vi.advanceTimersByTime(1_000);
  expect(kept.read()).toBeNull();
});

test('a window that closes keeps at once', () => {
  const kept = new KeptDraft('u1', 'f1');
  kept.note(GRAPH, 4);
  kept.write();
  expect(kept.read()).not.toBeNull();
});

test('the oldest of many, and what nobody came back to, are let go', () => {
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
    const kept = new KeptDraft('u1', name);
    kept.note(GRAPH, 1);
    kept.write();
    vi.advanceTimersByTime(1_000);
  }
  expect(new KeptDraft('u1', 'a').read()).toBeNull();
  expect(new KeptDraft('u1', 'b').read()).not.toBeNull();
  vi.advanceTimersByTime(31 * 86_400_000);
  expect(new KeptDraft('u1', 'b').read()).toBeNull();
});

test('what is too large or broken is as if it were not there', () => {
  const kept = new KeptDraft('u1', 'f1');
  kept.note({ nodes: [], edges: [], settings: { text: 'x'.repeat(2_000_000) } }, 1);
  kept.write();
  expect(kept.read()).toBeNull();
  window.localStorage.setItem('ff-unsaved:u1:f1', '{"at":');
  expect(kept.read()).toBeNull();
});
