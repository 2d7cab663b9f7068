import { expect, test } from 'vitest';
import { choiceWords, operationWords } from './words';

test.each([
  ['run_again', 'Run again'],
  ['dateTime', 'Date time'],
  ['json', 'JSON'],
  ['javascript', 'JavaScript'],
  ['sha256', 'SHA-256'],
  ['GET', 'GET'],
  ['application/json', 'application/json'],
  ['HS256', 'HS256'],
])('a choice “%s” reads “%s”', (value, words) => {
  expect(choiceWords(value)).toBe(words);
});

test('operations of conditions read as one would say them', () => {
  expect(['notStartsWith', 'gte'].map(operationWords)).toEqual(['not starts with', '≥']);
});
