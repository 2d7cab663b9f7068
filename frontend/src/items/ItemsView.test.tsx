import { MantineProvider } from '@mantine/core';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { ItemsView } from './ItemsView';

const ITEMS = Array.from({ length: 5_000 }, (_, id) => ({
  json: { id, 'full name': `Ada ${id}` },
}));

function shown(onUse?: (field: string) => void) {
  render(
    <MantineProvider env="test">
      <ItemsView items={ITEMS} {...(onUse && { onUse })} />
    </MantineProvider>,
  );
  return userEvent.setup();
}

test('of a table of many items only those in sight are drawn', async () => {
  const user = shown();
  await user.click(screen.getByRole('radio', { name: 'Table' }));
  expect(screen.getByRole('columnheader', { name: 'full name' })).toBeInTheDocument();
  expect(screen.getByRole('cell', { name: 'Ada 3' })).toBeInTheDocument();
  expect(screen.getAllByRole('row').length).toBeLessThan(100);
});

test('a field is used by a key, as the expression that reads it', async () => {
  const used: string[] = [];
  const user = shown((field) => used.push(field));
  await user.click(screen.getByRole('radio', { name: 'Schema' }));
  await user.click(screen.getByRole('button', { name: "Use $json['full name']" }));
  expect(used).toEqual(["$json['full name']"]);
});
