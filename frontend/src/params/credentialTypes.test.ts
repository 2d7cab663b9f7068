import { expect, test } from 'vitest';
import type { NodeType } from '../api/types';
import { credentialTypesOf } from './credentialTypes';

const type = (ui: object) =>
  ({ ui, params_schema: { properties: { by: { default: 'mail' } } } }) as unknown as NodeType;
const BOTH = type({
  credentials: ['smtp', 'slack'],
  credentials_by: { by: { mail: ['smtp'], slack: ['slack'] } },
});

test('a node takes the credentials that its type names', () => {
  expect(credentialTypesOf(type({ credentials: ['smtp'], credentials_by: {} }), {})).toEqual([
    'smtp',
  ]);
});

test('where a param decides, those of its value or default', () => {
  expect(credentialTypesOf(BOTH, {})).toEqual(['smtp']);
  expect(credentialTypesOf(BOTH, { by: 'slack' })).toEqual(['slack']);
});

test('while an expression decides, all of them', () => {
  expect(credentialTypesOf(BOTH, { by: '={{ $json.by }}' })).toEqual(['smtp', 'slack']);
});
