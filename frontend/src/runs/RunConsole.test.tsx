import { MantineProvider } from '@mantine/core';
import { fireEvent, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test, vi } from 'vitest';
import type { RunEvent } from './events';
import { RunConsole } from './RunConsole';

const EVENTS = [
  { event: 'run_started' },
  { event: 'step_log', step: 's1', node: 'n1', level: 'info', text: 'Asking…' },
  { event: 'step_log', step: 's1', node: 'n1', level: 'warning', text: 'Slow.\nVery.' },
].map((event, place) => ({
  ...{ run: 'r1', seq: place + 1, at: `2026-01-01T00:00:0${place}.000Z`, iteration: 0 },
  ...event,
})) as RunEvent[];

/** The console, and the files that were downloaded of it. */
function shown() {
  const blobs: Blob[] = [];
  const files: { name: string; text: Promise<string> }[] = [];
  vi.stubGlobal(
    'URL',
    Object.assign(URL, {
      createObjectURL: (blob: Blob) => `blob:${blobs.push(blob)}`,
      revokeObjectURL: () => undefined,
    }),
  );
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (
    this: HTMLAnchorElement,
  ) {
    const blob = blobs[Number(this.href.slice('blob:'.length)) - 1];
    if (blob !== undefined) files.push({ name: this.download, text: textOf(blob) });
  });
  render(
    <MantineProvider env="test">
      <RunConsole events={EVENTS} nameOf={() => 'Call'} onSelect={() => undefined} />
    </MantineProvider>,
  );
  return files;
}

function textOf(blob: Blob): Promise<string> {
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.readAsText(blob);
  });
}

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

test('the lines are downloaded as a file, each with its moment and its node', async () => {
  const files = shown();
  await userEvent.click(screen.getByRole('button', { name: 'Download' }));
  expect(files.map(({ name }) => name)).toEqual(['run r1.txt']);
  expect(await files[0]?.text).toBe(
    [
      '2026-01-01T00:00:00.000Z run: Run started',
      '2026-01-01T00:00:01.000Z Call: Asking…',
      '2026-01-01T00:00:02.000Z Call: Slow.\nVery.',
      '',
    ].join('\n'),
  );
});

test('of lines that are filtered those are downloaded that are shown', async () => {
  const files = shown();
  await userEvent.click(screen.getByRole('radio', { name: 'Warnings' }));
  await userEvent.click(screen.getByRole('button', { name: 'Download' }));
  expect(await files[0]?.text).toBe('2026-01-01T00:00:02.000Z Call: Slow.\nVery.\n');
});

test('lines are shown by how bad they are', async () => {
  shown();
  const lines = () => screen.queryAllByText(/Asking|Slow/).map(({ textContent }) => textContent);
  expect(lines()).toEqual(['Asking…', 'Slow.\nVery.']);
  await userEvent.click(screen.getByRole('radio', { name: 'Warnings' }));
  expect(lines()).toEqual(['Slow.\nVery.']);
  await userEvent.click(screen.getByRole('radio', { name: 'Errors' }));
  expect(lines()).toEqual([]);
  await userEvent.click(screen.getByRole('radio', { name: 'Logs' }));
  expect(lines()).toEqual(['Asking…', 'Slow.\nVery.']);
});

/** The switch, the frame of the lines, and what scrolls it. */
function following() {
  shown();
  const log = screen.getByRole('log', { name: 'Console' });
  Object.defineProperty(log, 'scrollHeight', { value: 1_000 });
  const scrollTo = (top: number) => {
    log.scrollTop = top;
    fireEvent.scroll(log);
  };
  return { log, scrollTo, follow: screen.getByRole('switch', { name: 'Follow' }) };
}

test('scrolling up in the console, by whatever means, stops following; the end follows', () => {
  const { scrollTo, follow } = following();
  scrollTo(400);
  expect(follow).toBeChecked();
  scrollTo(395);
  expect(follow).not.toBeChecked();
  scrollTo(200);
  expect(follow).not.toBeChecked();
  scrollTo(390);
  expect(follow).toBeChecked();
});

test('what moves the console up after somebody went to its end does not stop following', () => {
  const { log, scrollTo, follow } = following();
  scrollTo(300);
  scrollTo(100);
  expect(follow).not.toBeChecked();
  fireEvent.keyDown(log, { key: 'End' });
  scrollTo(400);
  expect(follow).toBeChecked();
  // The browser, which goes on to where the end was, or lines that are lower than was guessed.
  const scrolled = vi.spyOn(log, 'scrollTo');
  scrollTo(350);
  expect(follow).toBeChecked();
  expect(scrolled).toHaveBeenCalledWith({ top: 1_000 });
  fireEvent.wheel(log, { deltaY: -20 });
  scrollTo(330);
  expect(follow).not.toBeChecked();
});
