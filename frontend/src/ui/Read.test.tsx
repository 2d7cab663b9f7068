import { screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { listed, pageOf, Problem, renderApp } from '../test/renderApp';

const AWAY = new Problem(429, 'Too many requests.');

const shown = () => screen.findByRole('link', { name: 'Handle webhooks' });

test('what is shown stays where it cannot be read again, and that is said', async () => {
  const app = renderApp('/workflows', { 'GET /workflows': pageOf(listed()) });
  const link = await shown();
  link.focus();
  app.answer('GET /workflows', AWAY);
  app.readAgain();
  const notice = await screen.findByRole('alert');
  expect(notice).toHaveTextContent('Too many requests.');
  expect(notice).toHaveTextContent('What is shown was read before.');
  expect(link).toHaveFocus();
});

test('the notice goes once it was read again', async () => {
  const app = renderApp('/workflows', { 'GET /workflows': pageOf(listed()) });
  await shown();
  app.answer('GET /workflows', AWAY);
  app.readAgain();
  const again = await screen.findByRole('button', { name: 'Try again' });
  app.answer('GET /workflows', pageOf(listed({ name: 'Renamed' })));
  await app.user.click(again);
  expect(await screen.findByRole('link', { name: 'Renamed' })).toBeVisible();
  expect(screen.queryByRole('alert')).toBeNull();
});

test('what may not be seen any more is not shown any more', async () => {
  const app = renderApp('/workflows', { 'GET /workflows': pageOf(listed()) });
  await shown();
  app.answer('GET /workflows', new Problem(403, 'You may not see them.'));
  app.readAgain();
  expect(await screen.findByRole('alert')).toHaveTextContent('You may not see them.');
  expect(screen.queryByRole('link', { name: 'Handle webhooks' })).toBeNull();
});
