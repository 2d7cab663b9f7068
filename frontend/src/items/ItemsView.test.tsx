import { MantineProvider } from '@mantine/core';
import { fireEvent, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import type { Json } from '../api/types';
import { ItemsView } from './ItemsView';

const ITEMS = Array.from({ length: 5_000 }, (_, id) => ({
  json: { id, 'full name': `Ada ${id}` },
}));

function shown(items: Json[], onUse?: (field: string) => void) {
  render(
    <MantineProvider env="test">
      <ItemsView items={items} {...(onUse && { onUse })} />
    </MantineProvider>,
  );
  return userEvent.setup();
}

test('of a table of many items only those in sight are drawn', async () => {
  const user = shown(ITEMS);
  await user.click(screen.getByRole('radio', { name: 'Table' }));
  expect(screen.getByRole('columnheader', { name: 'full name' })).toBeInTheDocument();
  expect(screen.getByRole('cell', { name: 'Ada 3' })).toBeInTheDocument();
  expect(screen.getAllByRole('row').length).toBeLessThan(100);
});

test.each(['Table', 'JSON', 'Schema'])('a field of the %s is used by a key', async (form) => {
  const used: string[] = [];
  const user = shown(ITEMS.slice(0, 3), (field) => used.push(field));
  await user.click(screen.getByRole('radio', { name: form }));
  const [use] = screen.getAllByRole('button', { name: "Use $json['full name']" });
  use?.focus();
  await user.keyboard('{Enter}');
  expect(used).toEqual(["$json['full name']"]);
});

test.each(['Table', 'JSON', 'Schema'])(
  'a field that is called as what every object has is one like others in the %s',
  async (form) => {
    const user = shown([{ json: { a: 1 } }, { json: { constructor: 'Lotus' } }]);
    await user.click(screen.getByRole('radio', { name: form }));
    expect(screen.getByText(/Lotus/)).toBeInTheDocument();
    expect(screen.queryByText(/function/)).toBeNull();
  },
);

const ORDERS = [
  { json: { lines: [] } },
  { json: { lines: [{ sku: 'x', count: 1, total: 2 }], note: 'soon' } },
];

/** What is dragged by the line in which the text stands. */
function draggedBy(text: string): string | undefined {
  const dragged = new Map<string, string>();
  const setData = (type: string, data: string) => void dragged.set(type, data);
  fireEvent.dragStart(screen.getByText(text), { dataTransfer: { setData } });
  return dragged.get('text/plain');
}

test('a part of the JSON is dragged as what reads it of any item', async () => {
  const user = shown(ORDERS, () => undefined);
  expect(draggedBy('"soon"')).toBe('={{ $json.note }}');
  expect(draggedBy('1:')).toBe('={{ $json }}');
  await user.click(screen.getByRole('button', { name: /^lines:/ }));
  await user.click(screen.getByRole('button', { name: /^0:.*3/ }));
  expect(draggedBy('"x"')).toBe('={{ $json.lines[0].sku }}');
});

test('Tab leads to the fields of the first item alone', () => {
  shown(ORDERS, () => undefined);
  const [first, second] = screen.getAllByRole('button', { name: 'Use $json.lines' });
  expect([first?.tabIndex, second?.tabIndex]).toEqual([0, -1]);
});

test('JSON of which nothing is mapped is text to be selected', () => {
  shown(ORDERS);
  expect(screen.getByText('"soon"').closest('[draggable]')).toBeNull();
});
