import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { pageOf, Problem, run } from '../test/renderApp';
import { opened } from '../test/editor';

const call = (id: string, name: string, url: string, x: number) => ({
  id,
  type: 'http_call',
  name,
  params: { url },
  position: [x, 0] as [number, number],
});
const DRAFT = { nodes: [call('n1', 'Call', 'a', 0), call('n2', 'Then', 'b', 300)], edges: [] };
const RAN = { nodes: [call('n1', 'Call', 'other', 0)], edges: [] };

/** The editor with the run in its address, which failed at its one step. */
async function shown() {
  const app = opened(DRAFT, '/workflows/f1/edit?run=r1');
  app.answer('GET /runs/r1', run({ status: 'failed', version: 3 }));
  app.answer('GET /workflows/f1/versions/3', { graph: RAN });
  app.answer('GET /runs/r1/steps', pageOf());
  app.answer(
    'GET /runs',
    pageOf(run({ status: 'failed' }), run({ id: 'r0', status: 'completed' })),
  );
  await waitFor(() => expect(JSON.stringify(app.socket().sent)).toContain('r1'));
  const event = { run: 'r1', at: '2026-01-01T00:00:00.000Z', iteration: 0 };
  const step = { ...event, step: 's', node: 'n1', attempt: 1 };
  app.socket().tell({ ...event, event: 'run_started', seq: 1 });
  app.socket().tell({ ...step, event: 'step_started', seq: 2 });
  app.socket().tell({ ...step, event: 'step_failed', seq: 3, error: { message: 'It broke.' } });
  app.socket().tell({ ...event, event: 'run_finished', seq: 4, status: 'failed' });
  await screen.findByRole('group', { name: /^Call, failed/ });
  return app;
}

test('a run of the address is shown, and what the draft changed since', async () => {
  await shown();
  expect(
    await screen.findByRole('group', { name: 'Call, failed, changed since this run' }),
  ).toBeInTheDocument();
  expect(screen.getByRole('group', { name: 'Then, not in this run' })).toBeInTheDocument();
});

test('why it failed is said below the canvas, and leads to the node', async () => {
  const { user } = await shown();
  await user.click(screen.getByRole('button', { name: 'Call It broke.' }));
  expect(await screen.findByRole('complementary', { name: 'Node' })).toHaveTextContent('Call');
});

test('another of the latest runs is chosen, or none', async () => {
  const { user, answer, path } = await shown();
  answer('GET /runs/r0', run({ id: 'r0', status: 'completed' }));
  await user.click(screen.getByRole('button', { name: 'Runs' }));
  await user.click(await screen.findByRole('menuitem', { name: /^Completed/ }));
  await waitFor(() => expect(path()).toBe('/workflows/f1/edit?run=r0'));
  await user.click(screen.getByRole('button', { name: 'Show no run' }));
  await waitFor(() => expect(path()).toBe('/workflows/f1/edit'));
  expect(screen.queryByRole('region', { name: 'Run' })).toBeNull();
});

test('the run that is shown leads to its comparison with another', async () => {
  const { user, path } = await shown();
  await user.click(screen.getByRole('link', { name: 'Compare with another' }));
  await waitFor(() => expect(path()).toBe('/runs/r1/compare'));
});

test('a run of another workflow is not shown', async () => {
  const app = opened(DRAFT, '/workflows/f1/edit?run=r7');
  app.answer('GET /runs/r7', run({ id: 'r7', workflow: 'f2' }));
  expect(await screen.findByText('It is a run of another workflow.')).toBeInTheDocument();
  expect(screen.queryByRole('region', { name: 'Run' })).toBeNull();
});

test('the console opens below the canvas, stays open, and leads to the step', async () => {
  const { user } = await shown();
  const pane = screen.getByRole('region', { name: 'Run' });
  await user.click(within(pane).getByRole('button', { name: 'Console and timeline' }));
  const console = await within(pane).findByRole('log', { name: 'Console' });
  const [line] = within(console).getAllByRole('button', { name: 'Call' });
  await user.click(line as HTMLElement);
  expect(await screen.findByRole('complementary', { name: 'Node' })).toHaveTextContent('Call');
  const kept: unknown = JSON.parse(window.localStorage.getItem('ff-run-pane') ?? '');
  expect(kept).toMatchObject({ isOpen: true });
  within(pane).getByRole('separator').focus();
  await user.keyboard('{ArrowUp}');
  expect(within(pane).getByRole('separator')).toHaveAttribute('aria-valuenow', '272');
});

test('the draft is run on from a node with what the run gave', async () => {
  const { user, answer, sent } = await shown();
  answer('POST /workflows/f1/runs', run({ id: 'r9', status: 'pending' }));
  screen.getByRole('group', { name: /^Call/ }).focus();
  await user.keyboard('{Enter}{Control>}k{/Control}');
  await user.keyboard('run the draft from{Enter}');
  await waitFor(() =>
    expect(sent('POST /workflows/f1/runs')[0]?.body).toBe(
      '{"version":"draft","start_node":"n1","data_from":"r1"}',
    ),
  );
});

test('the run is retried from a node, and the retry is shown', async () => {
  const { user, answer, sent, path } = await shown();
  answer('POST /runs/r1/retry', run({ id: 'r9', status: 'pending' }));
  answer('GET /runs/r9', run({ id: 'r9', status: 'pending' }));
  screen.getByRole('group', { name: /^Call/ }).focus();
  await user.keyboard('{Enter}{Control>}k{/Control}');
  await user.keyboard('retry the run{Enter}');
  const dialog = await screen.findByRole('dialog', { name: 'Retry this run' });
  await user.click(await within(dialog).findByRole('button', { name: 'Retry' }));
  await waitFor(() =>
    expect(sent('POST /runs/r1/retry')[0]?.body).toBe('{"from":"n1","version":"draft"}'),
  );
  await waitFor(() => expect(path()).toBe('/workflows/f1/edit?run=r9'));
});

test('that a run is being cancelled is not told of the one that is started after it', async () => {
  const app = opened(DRAFT, '/workflows/f1/edit?run=r1');
  app.answer('GET /runs/r1', run());
  app.answer('GET /workflows/f1/versions/3', { graph: RAN });
  app.answer('POST /runs/r1/cancel', {});
  app.answer('POST /workflows/f1/runs', run({ id: 'r9', status: 'pending' }));
  app.answer('GET /runs/r9', run({ id: 'r9', status: 'pending' }));
  await app.user.click(await screen.findByRole('button', { name: 'Cancel run' }));
  await app.user.click(await screen.findByRole('button', { name: 'Cancel it' }));
  expect(await screen.findByRole('button', { name: 'Cancelling…' })).toBeDisabled();
  await app.user.click(screen.getByRole('button', { name: 'Run the draft' }));
  await waitFor(() => expect(app.path()).toBe('/workflows/f1/edit?run=r9'));
  expect(await screen.findByRole('button', { name: 'Cancel run' })).toBeEnabled();
});

test('a run stays on the canvas though it could not be read once more', async () => {
  const { answer, sent, socket } = await shown();
  answer('GET /runs/r1', new Problem(429, 'Too many requests.'));
  const before = sent('GET /runs/r1').length;
  socket().break();
  await waitFor(() => expect(sent('GET /runs/r1').length).toBeGreaterThan(before));
  await screen.findByRole('group', { name: /^Call, failed/ });
  expect(screen.getByRole('region', { name: 'Run' })).toBeInTheDocument();
  expect(screen.queryByText('The run is not shown')).toBeNull();
});

test('a start whose answer was lost is asked for again, but not in the place of a changed draft', async () => {
  const { user, answer, sent } = opened(DRAFT);
  answer('POST /workflows/f1/runs', () => {
    throw new TypeError('Failed to fetch');
  });
  const keyOf = async (nth: number) => {
    await user.click(screen.getByRole('button', { name: 'Run the draft' }));
    await waitFor(() => expect(sent('POST /workflows/f1/runs')).toHaveLength(nth));
    return sent('POST /workflows/f1/runs').at(-1)?.headers.get('Idempotency-Key');
  };
  (await screen.findByRole('group', { name: 'Call' })).focus();
  const first = await keyOf(1);
  expect(await keyOf(2)).toBe(first);
  screen.getByRole('group', { name: 'Call' }).focus();
  await user.keyboard('{Enter}d');
  expect(await keyOf(3)).not.toBe(first);
});

test('a retry from what failed goes on on the draft as it was mended', async () => {
  const { user, answer, sent } = await shown();
  answer('POST /runs/r1/retry', run({ id: 'r9', status: 'pending' }));
  answer('GET /runs/r9', run({ id: 'r9', status: 'pending' }));
  screen.getByRole('group', { name: /^Call/ }).focus();
  await user.keyboard('{Enter}{Control>}k{/Control}');
  await user.keyboard('disable{Enter}');
  await user.click(await screen.findByRole('button', { name: 'Retry' }));
  await user.click(await screen.findByRole('menuitem', { name: /^From the failed step/ }));
  await waitFor(() => expect(sent('POST /runs/r1/retry')).toHaveLength(1));
  expect(sent('POST /runs/r1/retry')[0]?.body).toBe('{"from":"failed","version":"draft"}');
  expect(sent('PUT /workflows/f1/draft')).toHaveLength(1);
});

test('a retry whose answer was lost is asked for again, but not in the place of one on a changed draft', async () => {
  const { user, answer, sent } = await shown();
  answer('POST /runs/r1/retry', () => {
    throw new TypeError('Failed to fetch');
  });
  const keyOf = async (nth: number) => {
    await user.click(await screen.findByRole('button', { name: 'Retry' }));
    await user.click(await screen.findByRole('menuitem', { name: /^From the failed step/ }));
    await waitFor(() => expect(sent('POST /runs/r1/retry')).toHaveLength(nth));
    return sent('POST /runs/r1/retry').at(-1)?.headers.get('Idempotency-Key');
  };
  const first = await keyOf(1);
  expect(await keyOf(2)).toBe(first);
  screen.getByRole('group', { name: /^Call/ }).focus();
  await user.keyboard('{Enter}d');
  expect(await keyOf(3)).not.toBe(first);
});

test('the latest runs stay listed though they cannot be read again', async () => {
  const { user, answer, readAgain } = await shown();
  await user.click(screen.getByRole('button', { name: 'Runs' }));
  const item = await screen.findByRole('menuitem', { name: /^Completed/ });
  answer('GET /runs', new Problem(429, 'Too many requests.'));
  readAgain();
  expect(await screen.findByText('Too many requests.')).toBeInTheDocument();
  expect(item).toBeInTheDocument();
});
