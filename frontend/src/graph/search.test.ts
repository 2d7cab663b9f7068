import { expect, test } from 'vitest';
import { found } from './search';

const NAMES = ['HTTP Call', 'Set Fields', 'Condition', 'Convert to File', 'Postgres Write'];
const search = (typed: string) => found(typed, NAMES, (name) => ({ name, more: `about ${name}s` }));

test('letters in their order find a name, beginnings of words first', () => {
  expect(search('cf')[0]).toBe('Convert to File');
  expect(search('http')[0]).toBe('HTTP Call');
  expect(search('con')).toEqual(['Condition', 'Convert to File']);
});

test('what is said about it finds it, too, but last', () => {
  expect(search('about set')).toEqual(['Set Fields']);
});

test('what fits nothing finds nothing', () => {
  expect(search('zzz')).toEqual([]);
});

const TYPES = [
  { name: 'Notify', keywords: [], more: 'Tells, if it is asked to send mail.' },
  { name: 'Email', keywords: ['smtp', 'mail'], more: 'Sends a message.' },
  { name: 'Condition', keywords: ['if', 'else'], more: 'Sends items one way or the other.' },
  { name: 'Loop', keywords: ['for each'], more: 'Batch by batch.' },
  { name: 'Set Fields', keywords: ['edit fields'], more: 'New fields.' },
  { name: 'Subset', keywords: [], more: '' },
  { name: 'Stop Me', keywords: [], more: '' },
];
const typeFor = (typed: string) => found(typed, TYPES, (type) => type).map(({ name }) => name);

test('other words for it find it as its name does', () => {
  expect(typeFor('if')[0]).toBe('Condition');
  expect(typeFor('for each')).toEqual(['Loop']);
  expect(typeFor('edit')).toEqual(['Set Fields']);
  expect(typeFor('mail')).toEqual(['Email', 'Notify']);
});

test('whole words come first, then what only holds the letters, scattered ones last', () => {
  expect(typeFor('set')).toEqual(['Set Fields', 'Subset']);
  expect(typeFor('sm')).toEqual(['Email', 'Stop Me']);
});
