import { expect, test } from 'vitest';
import type { Step } from '../api/types';
import { compared, sideDifferences } from './compared';

const step = (node: string, rest: Partial<Step> = {}) =>
  ({
    node,
    iteration: 0,
    status: 'completed',
    error: null,
    left_out: [],
    input_json: null,
    output_json: null,
    ...rest,
  }) as unknown as Step;
const gave = (json: object, pairedItem = 0) => ({ main: [{ json, pairedItem }] });

test('steps stand beside each other by node and iteration, those of one run alone too', () => {
  const rows = compared(
    [step('a'), step('a', { iteration: 1 }), step('b')],
    [step('c'), step('a', { iteration: 1 })],
  );
  expect(
    rows.map(({ node, iteration, step: one, other }) => [node, iteration, !!one, !!other]),
  ).toEqual([
    ['a', 0, true, false],
    ['a', 1, true, true],
    ['b', 0, true, false],
    ['c', 0, false, true],
  ]);
});

test('what an item came from does not count, what it says does', () => {
  const [same] = compared(
    [step('a', { output_json: gave({ n: 1 }, 0) })],
    [step('a', { output_json: gave({ n: 1 }, 4) })],
  );
  const [other] = compared(
    [step('a', { output_json: gave({ n: 2 }) })],
    [step('a', { output_json: gave({ n: 1 }) })],
  );
  expect(same?.isSame).toBe(true);
  expect(other?.output).toBe('different');
  expect(other && sideDifferences(other, 'output_json').found).toEqual([
    { path: 'main[0].n', before: 1, after: 2 },
  ]);
});

test('what is too large for a list is not said to be the same', () => {
  const [row] = compared([step('a', { left_out: ['input_json'] })], [step('a')]);
  expect(row).toMatchObject({ input: 'unknown', output: 'same', isSame: false });
});
