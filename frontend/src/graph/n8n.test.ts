import { expect, test } from 'vitest';
import { isN8n } from './n8n';

test('nodes of n8n are known by their types', () => {
  const nodes = [{ name: 'Set', type: 'n8n-nodes-base.set', parameters: {} }];
  expect(isN8n(JSON.stringify({ nodes, connections: {} }))).toBe(true);
});

test.each([
  ['our own nodes', '{"nodes":[{"id":"a","type":"set_fields","name":"A","params":{}}],"edges":[]}'],
  ['no nodes', '{"nodes":[]}'],
  ['something else', '{"nodes":[null, 1, {"type":1}]}'],
  ['a list', '[]'],
  ['null', 'null'],
  ['words', 'n8n-nodes-base.set'],
])('%s are none', (_, text) => {
  expect(isN8n(text)).toBe(false);
});
