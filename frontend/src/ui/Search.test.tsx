import { MantineProvider } from '@mantine/core';
import { fireEvent, render, screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { Search } from './Search';

test('who leaves the field has searched, and is not taken back to the search later', async () => {
  const onSearch = vi.fn();
  render(
    <MantineProvider env="test">
      <Search label="Search" placeholder="" value={null} onSearch={onSearch} />
    </MantineProvider>,
  );
  const field = screen.getByRole('searchbox');
  fireEvent.change(field, { target: { value: 'github' } });
  expect(onSearch).not.toHaveBeenCalled();
  fireEvent.blur(field);
  expect(onSearch.mock.calls).toEqual([['github']]);
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(onSearch.mock.calls).toEqual([['github']]);
});
