import { expect, test } from 'vitest';
import { choiceWords, operationWords, typeWords } from './words';

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

test('an operation of a condition is called by its meaning and its sign', () => {
  expect(operationWords({ name: 'gt', meaning: 'is greater than' })).toBe('is greater than (>)');
  expect(operationWords({ name: 'empty', meaning: 'is null' })).toBe('is null');
});

test('types of values have plain names', () => {
  expect(['string', 'number', 'dateTime'].map(typeWords)).toEqual(['Text', 'Number', 'Date']);
});
