import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { JsonView } from './JsonView';

test('branches open and close', async () => {
  render(<JsonView value={{ user: { name: 'Ada' } }} openDepth={1} />);
  expect(screen.queryByText('"Ada"')).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: /user/ }));
  expect(screen.getByText('"Ada"')).toBeVisible();
});

test('a long list shows a part, and more when asked', async () => {
  render(<JsonView value={{ rows: Array.from({ length: 250 }, (_, i) => `row ${i}`) }} />);
  await userEvent.click(screen.getByRole('button', { name: /rows/ }));
  expect(screen.queryByText('"row 120"')).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: 'Show more (150 left)' }));
  expect(screen.getByText('"row 120"')).toBeVisible();
});

test('a whole number beyond 2^53 shows all its digits', () => {
  render(<JsonView value={{ id: 12345678901234567890n }} />);
  expect(screen.getByText('12345678901234567890')).toBeVisible();
});

test('null, booleans and empty parts are told apart', () => {
  render(<JsonView value={{ a: null, b: false, c: [], d: {} }} />);
  for (const text of ['null', 'false', '[ ]', '{ }']) expect(screen.getByText(text)).toBeVisible();
});
