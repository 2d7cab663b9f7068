import { expect, test } from 'vitest';
import { flowEdges } from './flow';

const node = (id: string, name: string) => ({ id, type: 'condition', name, params: {} });

test('an edge is named by what it joins, its output and what went along it', () => {
  const edge = { source: 'a', source_output: 'true', target: 'b', target_input: 'main' };
  const nodes = [node('a', 'Check'), node('b', 'Keep')];
  const names = (items: number) =>
    flowEdges(nodes, [edge], new Set(), () => items).map(({ ariaLabel }) => ariaLabel);
  expect(names(0)).toEqual(['From Check, true, to Keep']);
  expect(names(2)).toEqual(['From Check, true, to Keep, 2 items']);
});
