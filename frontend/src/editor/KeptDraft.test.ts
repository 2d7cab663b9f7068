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
  expect(new KeptDraft('u1', 'f1').left()).toMatchObject([{ revision: 4, graph: GRAPH }]);
  expect(new KeptDraft('u2', 'f1').left()).toEqual([]);
});

test('what was saved is kept no longer, nor written late', () => {
  const kept = new KeptDraft('u1', 'f1');
  kept.note(GRAPH, 4);
  kept.forget();
  vi.advanceTimersByTime(1_000);
  expect(kept.left()).toEqual([]);
});

test('a window that closes keeps at once', () => {
  const kept = new KeptDraft('u1', 'f1');
  kept.note(GRAPH, 4);
  kept.write();
  expect(kept.left()).toHaveLength(1);
});

test('two windows keep each their own, and the newest comes first', () => {
  const [one, other] = [new KeptDraft('u1', 'f1'), new KeptDraft('u1', 'f1')];
  one.note(GRAPH, 4);
  one.write();
  vi.advanceTimersByTime(1_000);
  other.note(GRAPH, 5);
  other.write();
  expect(one.left().map(({ revision }) => revision)).toEqual([5, 4]);
  other.forget();
  expect(one.left().map(({ revision }) => revision)).toEqual([4]);
  for (const left of one.left()) other.letGo(left);
  expect(one.left()).toEqual([]);
});

test('the oldest of many, and what nobody came back to, are let go', () => {
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
    const kept = new KeptDraft('u1', name);
    kept.note(GRAPH, 1);
    kept.write();
    vi.advanceTimersByTime(1_000);
  }
  expect(new KeptDraft('u1', 'a').left()).toEqual([]);
  expect(new KeptDraft('u1', 'b').left()).toHaveLength(1);
  vi.advanceTimersByTime(31 * 86_400_000);
  expect(new KeptDraft('u1', 'b').left()).toEqual([]);
});

test('what is too large or broken is as if it were not there', () => {
  const kept = new KeptDraft('u1', 'f1');
  kept.note({ nodes: [], edges: [], settings: { text: 'x'.repeat(2_000_000) } }, 1);
  kept.write();
  expect(kept.left()).toEqual([]);
  window.localStorage.setItem('ff-unsaved:u1:f1', '{"at":');
  expect(kept.left()).toEqual([]);
});
