import { expect, test } from 'vitest';
import { linked } from './linked';

const linksOf = (text: string) =>
  linked(text)
    .filter(({ isLink }) => isLink)
    .map((piece) => piece.text);

test('addresses in a text are links, without what the sentence adds', () => {
  expect(linksOf('See https://status.test/7?a=b#c. Or (http://x.test/y), and z.')).toEqual([
    'https://status.test/7?a=b#c',
    'http://x.test/y',
  ]);
});

test('nothing else is a link', () => {
  expect(linksOf('javascript:alert(1) <a href="x">x</a> data:text/html,x www.test')).toEqual([]);
});

test('the pieces are the text', () => {
  const text = 'a https://b.test/c\nd';
  expect(
    linked(text)
      .map((piece) => piece.text)
      .join(''),
  ).toBe(text);
  expect(linked('')).toEqual([]);
});
