import { expect, test } from 'vitest';
import { withoutName } from './problems';

const node = { id: 'n4', type: 'http_call', name: 'Call', params: {} };

test('what is said of a node is said without its name where that is plain', () => {
  expect(withoutName('Node “Call” (n4): It is missing.', node)).toBe('It is missing.');
  expect(withoutName('Node “n4”: It is missing.', { ...node, name: 'n4' })).toBe('It is missing.');
  expect(withoutName('Node “Other” (n5): It is missing.', node)).toContain('Other');
});
