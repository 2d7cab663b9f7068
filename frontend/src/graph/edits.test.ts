import { describe, expect, test } from 'vitest';
import type { Graph, GraphEdge, GraphNode } from '../api/types';
import {
  connect,
  disconnect,
  edgeId,
  freeId,
  freeName,
  move,
  putOnEdge,
  remove,
  removeAndReconnect,
  rename,
  toggleDisabled,
} from './edits';

const node = (id: string, rest: Partial<GraphNode> = {}): GraphNode => ({
  id,
  type: 'set_fields',
  name: id.toUpperCase(),
  params: {},
  ...rest,
});

const edge = (written: string): GraphEdge => {
  const [from = '', target = ''] = written.split(' -> ');
  const [source = '', source_output = 'main'] = from.split('.');
  return { source, source_output, target, target_input: 'main' };
};

const graph = (nodes: (string | GraphNode)[], edges: string[] = []): Graph => ({
  nodes: nodes.map((each) => (typeof each === 'string' ? node(each) : each)),
  edges: edges.map(edge),
});

const written = ({ edges }: Graph) => edges.map(edgeId);
const NO_CODE = () => new Set<string>();

test('an edit leaves the graph that it began with as it was', () => {
  const before = graph(['a', 'b'], ['a -> b']);
  const copy = structuredClone(before);
  remove(before, new Set(['a']));
  move(before, new Map([['a', [5, 5]]]));
  rename(before, 'a', 'Z', NO_CODE);
  toggleDisabled(before, new Set(['a']));
  expect(before).toEqual(copy);
});

test('what an edit does not touch stays the same object', () => {
  const before = graph(['a', 'b']);
  const after = move(before, new Map([['a', [5.4, 5.6]]]));
  expect(after.nodes[0]?.position).toEqual([5, 6]);
  expect(after.nodes[1]).toBe(before.nodes[1]);
});

test('an edge is drawn once', () => {
  const once = connect(graph(['a', 'b']), edge('a -> b'));
  expect(connect(once, edge('a -> b'))).toBe(once);
});

test('nodes go with their edges', () => {
  const before = graph(['a', 'b', 'c'], ['a -> b', 'b -> c', 'a -> c']);
  expect(written(remove(before, new Set(['b'])))).toEqual(written(graph([], ['a -> c'])));
});

test('an edge goes by its id', () => {
  const before = graph(['a', 'b'], ['a.true -> b', 'a.false -> b']);
  expect(written(disconnect(before, new Set([edgeId(edge('a.true -> b'))])))).toHaveLength(1);
});

describe('delete and reconnect', () => {
  test('leads what led to a node on to what it led to', () => {
    const before = graph(['a', 'b', 'c'], ['a.true -> b', 'b -> c']);
    const after = removeAndReconnect(before, new Set(['b']));
    expect(written(after)).toEqual(written(graph([], ['a.true -> c'])));
  });
  test('of several nodes in a row keeps the chain', () => {
    const before = graph(['a', 'b', 'c', 'd'], ['a -> b', 'b -> c', 'c -> d']);
    const after = removeAndReconnect(before, new Set(['b', 'c']));
    expect(written(after)).toEqual(written(graph([], ['a -> d'])));
  });
  test('of a node that leads to itself makes no edge from nothing', () => {
    const before = graph(['a', 'b'], ['a -> b', 'b -> b']);
    expect(written(removeAndReconnect(before, new Set(['b'])))).toEqual([]);
  });
});

test('a node on an edge makes two of it', () => {
  const before = graph(['a', 'b', 'new'], ['a.true -> b']);
  const after = putOnEdge(before, edge('a.true -> b'), { id: 'new', input: 'main', output: 'out' });
  expect(written(after)).toEqual(written(graph([], ['a.true -> new', 'new.out -> b'])));
});

test('nodes are disabled, and enabled where all are disabled', () => {
  const before = graph([node('a', { disabled: true }), 'b']);
  const all = new Set(['a', 'b']);
  const disabled = toggleDisabled(before, all);
  expect(disabled.nodes.map((each) => each.disabled)).toEqual([true, true]);
  expect(toggleDisabled(disabled, all).nodes.map((each) => each.disabled)).toEqual([false, false]);
});

describe('a new name', () => {
  const mentioning = (text: string) => graph(['a', node('b', { params: { value: text } })]);
  const after = (text: string, name = "It's") =>
    rename(mentioning(text), 'a', name, NO_CODE).nodes[1]?.params.value;

  test.each([
    ["={{ $('A').item.json.x }}", "={{ $('It\\'s').item.json.x }}"],
    ['={{ $("A").all() }}', '={{ $("It\'s").all() }}'],
    [
      "={{ $node['A'].json }} {{ $node.A.json }}",
      "={{ $node['It\\'s'].json }} {{ $node['It\\'s'].json }}",
    ],
    ["={{ $items('A', 0) }}", "={{ $items('It\\'s', 0) }}"],
    ["={{ $('AA') + 'A' }}", "={{ $('AA') + 'A' }}"],
    ["$('A') is text here", "$('A') is text here"],
  ])('reaches %s', (text, renamed) => expect(after(text)).toBe(renamed));

  test('reaches expressions deep within params, and code', () => {
    const params = { rules: [{ left: "={{ $('A').item }}" }], code: "return $('A').all()" };
    const before = graph(['a', node('b', { params })]);
    const renamed = rename(before, 'a', 'Z', () => new Set(['code'])).nodes[1]?.params;
    expect(renamed).toEqual({
      rules: [{ left: "={{ $('Z').item }}" }],
      code: "return $('Z').all()",
    });
  });

  test('that another bears gets a number', () => {
    expect(rename(graph(['a', 'b']), 'a', 'B', NO_CODE).nodes[0]?.name).toBe('B 2');
  });

  test('that is empty is none', () => {
    const before = graph(['a']);
    expect(rename(before, 'a', '  ', NO_CODE)).toBe(before);
  });
});

test('a free name counts on from its number, and is never too long', () => {
  expect(freeName('Set', new Set(['Set', 'Set 2']))).toBe('Set 3');
  expect(freeName('Set 2', new Set(['Set 2']))).toBe('Set 3');
  const long = 'x'.repeat(200);
  const first = freeName(long, new Set());
  expect(freeName(long, new Set([first]))).toHaveLength(128);
});

test('a free id is one that nobody bears', () => {
  expect(freeId(new Set(['n2', 'n3']))).toBe('n4');
});
