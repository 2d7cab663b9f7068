import { MantineProvider } from '@mantine/core';
import { fireEvent, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { receive, UNSEEN, type RunEvent } from './events';
import { Timeline } from './Timeline';

const RUN = receive(
  UNSEEN,
  [
    { event: 'run_started' },
    { event: 'step_started', step: 's1', node: 'n1', attempt: 1 },
    { event: 'step_succeeded', step: 's1', node: 'n1', attempt: 1 },
    { event: 'run_finished', status: 'completed' },
  ].map((event, place) => ({
    ...{ run: 'r1', seq: place + 1, at: `2026-01-01T00:00:0${place}.000Z`, iteration: 0 },
    ...event,
  })) as RunEvent[],
);

function shown() {
  render(
    <MantineProvider env="test">
      <Timeline run={RUN} nameOf={() => 'Call'} selected={null} onSelect={() => undefined} />
    </MantineProvider>,
  );
  const tools = within(screen.getByRole('group', { name: 'Zoom of time' }));
  return (name: string) => tools.getByRole('button', { name });
}

test('time is shown wider, with more of its moments named, up to the whole run again', async () => {
  const button = shown();
  expect(button('Show time narrower')).toBeDisabled();
  expect(screen.queryByText('100 ms')).toBeNull();
  await userEvent.click(button('Show time wider'));
  await userEvent.click(button('Show time wider'));
  await userEvent.click(button('Show time wider'));
  expect(screen.getByText('8 times as wide')).toBeInTheDocument();
  expect(screen.getByText('100 ms')).toBeInTheDocument();
  await userEvent.click(button('Show time narrower'));
  expect(screen.getByText('4 times as wide')).toBeInTheDocument();
  await userEvent.click(button('Whole run'));
  expect(screen.queryByText(/times as wide/)).toBeNull();
});

test('the wheel zooms with Ctrl or Cmd, and scrolls without', () => {
  shown();
  const rows = screen.getByRole('list', { name: 'Steps' });
  expect(fireEvent.wheel(rows, { deltaY: -1 })).toBe(true);
  expect(screen.queryByText(/times as wide/)).toBeNull();
  // The browser would zoom the whole page.
  expect(fireEvent.wheel(rows, { deltaY: -1, ctrlKey: true })).toBe(false);
  expect(screen.getByText('2 times as wide')).toBeInTheDocument();
  expect(fireEvent.wheel(rows, { deltaY: 1, metaKey: true })).toBe(false);
  expect(screen.queryByText(/times as wide/)).toBeNull();
});
