import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { ME, pageOf, renderApp, run } from '../test/renderApp';

const GRAPH = {
  nodes: [
    { id: 'n1', type: 'webhook', name: 'Hook', params: {}, position: [0, 0] },
    { id: 'n2', type: 'http_call', name: 'Call the API', params: {}, position: [300, 0] },
  ],
  edges: [{ source: 'n1', source_output: 'main', target: 'n2', target_input: 'main' }],
};

const STEP = {
  id: 's2',
  run: 'r1',
  node: 'n2',
  iteration: 0,
  status: 'completed',
  started_at: '2026-01-01T00:00:01.000Z',
  finished_at: '2026-01-01T00:00:02.000Z',
  retry_count: 0,
  attempts: [{ n: 1, seq: 4, at: '2026-01-01T00:00:01.000Z', error: null, worker: 'w' }],
  log: [],
  error: null,
  error_code: null,
  output_counts: { main: 1 },
  copied_from: null,
  input_json: { main: [{ json: { asked: 'this' } }] },
  output_json: { main: [{ json: { answered: 'that' } }] },
};

const EVENTS = [
  { event: 'run_started' },
  { event: 'step_started', step: 's1', node: 'n1', attempt: 1, status: 'running' },
  { event: 'step_succeeded', step: 's1', node: 'n1', attempt: 1, items: { main: 1 } },
  { event: 'step_started', step: 's2', node: 'n2', attempt: 1, status: 'running' },
  { event: 'step_succeeded', step: 's2', node: 'n2', attempt: 1, items: { main: 1 } },
  { event: 'run_finished', status: 'completed' },
].map((event, index) => ({
  run: 'r1',
  seq: index + 1,
  at: `2026-01-01T00:00:0${index}.000Z`,
  iteration: 0,
  ...event,
}));

async function openRun(answers: Parameters<typeof renderApp>[1] = {}) {
  const app = renderApp('/runs/r1', {
    'GET /runs/r1': run(),
    'GET /workflows/f1/versions/3': { graph: GRAPH },
    'GET /runs/r1/steps/s2': STEP,
    ...answers,
  });
  await screen.findByRole('link', { name: 'Handle webhooks' });
  await waitFor(() => expect(app.socket().sent).toContainEqual({ follow: 'r1', after: 0 }));
  return app;
}

const told = (from: number, to: number) => EVENTS.slice(from, to);

test('the console tells the events as they come', async () => {
  const app = await openRun();
  told(0, 3).forEach((event) => app.socket().tell(event));
  const log = await screen.findByRole('log', { name: 'Console' });
  expect(within(log).getByText('Run started')).toBeVisible();
  expect(await within(log).findByText('Completed → main: 1 item')).toBeVisible();
  told(3, 6).forEach((event) => app.socket().tell(event));
  expect(await within(log).findByText('Run completed')).toBeVisible();
  expect(screen.getByText('Completed')).toBeVisible();
});

test('the graph shows each node with the status of its latest step', async () => {
  const app = await openRun();
  expect(await screen.findByRole('group', { name: 'Call the API, not run' })).toBeInTheDocument();
  told(0, 4).forEach((event) => app.socket().tell(event));
  expect(await screen.findByRole('group', { name: 'Call the API, running' })).toBeInTheDocument();
  expect(screen.getByRole('group', { name: 'Hook, completed' })).toBeInTheDocument();
});

test('a node that is tried again and again says how its latest activation stands', async () => {
  const app = await openRun();
  told(0, 5).forEach((event) => app.socket().tell(event));
  const again = { step: 's3', node: 'n2', iteration: 1 };
  app.socket().tell({ ...EVENTS[3], ...again, seq: 6 });
  const node = await screen.findByRole('group', { name: 'Call the API, running #2' });
  expect(within(node).getByText('running #2')).toBeInTheDocument();
  app.socket().tell({ ...EVENTS[0], ...again, seq: 7, event: 'run_waiting', for: 'delay' });
  expect(await screen.findByText('waiting #2')).toBeInTheDocument();
});

test('a step that the end of its run stopped is not said to have failed', async () => {
  const app = await openRun();
  told(0, 4).forEach((event) => app.socket().tell(event));
  const error = { code: 'cancelled', message: 'The run was cancelled.' };
  app.socket().tell({ ...EVENTS[4], event: 'step_failed', items: {}, error });
  app.socket().tell({ ...EVENTS[5], status: 'cancelled' });
  const node = await screen.findByRole('group', { name: 'Call the API, stopped' });
  expect(within(node).getByText('stopped')).toBeInTheDocument();
  expect(screen.getByText('Stopped: The run was cancelled.')).toBeVisible();
});

test('a node that had items and never began, as the run failed, is said not to have', async () => {
  const app = await openRun();
  told(0, 3).forEach((event) => app.socket().tell(event));
  expect(await screen.findByRole('group', { name: 'Call the API, not run' })).toBeInTheDocument();
  app.socket().tell({ ...EVENTS[5], seq: 4, status: 'failed', error: 'It broke.' });
  const node = await screen.findByRole('group', { name: 'Call the API, not started' });
  expect(within(node).getByText('not started')).toBeInTheDocument();
});

test('a step that was taken over is told apart from one that ran', async () => {
  const app = await openRun();
  app.socket().tell({ ...EVENTS[2], seq: 1, copied: true });
  expect(await screen.findByRole('group', { name: 'Hook, taken over' })).toBeInTheDocument();
});

test('nodes bear the name of their type', async () => {
  await openRun({ 'GET /node-types': { results: [{ type: 'http_call', label: 'HTTP Call' }] } });
  expect(await screen.findByText('HTTP Call')).toBeInTheDocument();
});

test('a gap in the stream is asked for again, once', async () => {
  const app = await openRun();
  told(0, 1).forEach((event) => app.socket().tell(event));
  await screen.findByText('Run started');
  told(3, 6).forEach((event) => app.socket().tell(event));
  await waitFor(() => expect(app.socket().sent.at(-1)).toEqual({ follow: 'r1', after: 1 }));
  expect(app.socket().sent).toHaveLength(2);
  told(1, 6).forEach((event) => app.socket().tell(event));
  expect(await screen.findByText('Run completed')).toBeVisible();
});

test('a step shows what it took and gave', async () => {
  const app = await openRun();
  EVENTS.forEach((event) => app.socket().tell(event));
  const log = await screen.findByRole('log', { name: 'Console' });
  await app.user.click((await within(log).findAllByText('Call the API'))[0] as HTMLElement);
  const detail = screen.getByRole('complementary', { name: 'Step' });
  expect(await within(detail).findByText('"that"')).toBeVisible();
  await app.user.click(within(detail).getByRole('tab', { name: 'Input' }));
  expect(await within(detail).findByText('"this"')).toBeVisible();
});

test('the timeline has a row for each step', async () => {
  const app = await openRun();
  EVENTS.forEach((event) => app.socket().tell(event));
  await app.user.click(screen.getByRole('tab', { name: 'Timeline' }));
  const steps = await screen.findByRole('list', { name: 'Steps' });
  expect(within(steps).getByRole('button', { name: 'Hook 1 s, completed' })).toBeVisible();
});

test('the rows of a loop are told apart, and the one that is shown is said', async () => {
  const app = await openRun();
  told(0, 5).forEach((event) => app.socket().tell(event));
  const again = { ...EVENTS[3], step: 's3', iteration: 1, seq: 6 };
  app.socket().tell(again);
  await app.user.click(screen.getByRole('tab', { name: 'Timeline' }));
  const row = await screen.findByRole('button', { name: 'Call the API #2, running' });
  expect(row).toHaveAttribute('aria-pressed', 'false');
  await app.user.click(row);
  expect(row).toHaveAttribute('aria-pressed', 'true');
});

test('scrolling up in the console, by whatever means, stops following; the end follows', async () => {
  const app = await openRun();
  EVENTS.forEach((event) => app.socket().tell(event));
  const log = await screen.findByRole('log', { name: 'Console' });
  const follow = screen.getByRole('switch', { name: 'Follow' });
  const scrollTo = (top: number) => {
    log.scrollTop = top;
    fireEvent.scroll(log);
  };
  Object.defineProperty(log, 'scrollHeight', { value: 1_000 });
  scrollTo(400);
  expect(follow).toBeChecked();
  scrollTo(395);
  expect(follow).not.toBeChecked();
  scrollTo(200);
  expect(follow).not.toBeChecked();
  scrollTo(390);
  expect(follow).toBeChecked();
});

test('what moves the console up after somebody went to its end does not stop following', async () => {
  const app = await openRun();
  EVENTS.forEach((event) => app.socket().tell(event));
  const log = await screen.findByRole('log', { name: 'Console' });
  const follow = screen.getByRole('switch', { name: 'Follow' });
  const scrollTo = (top: number) => {
    log.scrollTop = top;
    fireEvent.scroll(log);
  };
  Object.defineProperty(log, 'scrollHeight', { value: 1_000 });
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

test('the log of a running step grows while it is looked at', async () => {
  const line = { seq: 5, at: '2026-01-01T00:00:01.500Z', level: 'info', text: 'Asking…' };
  const running = { ...STEP, status: 'running', finished_at: null, output_json: null };
  const app = await openRun({ 'GET /runs/r1/steps/s2': running });
  told(0, 4).forEach((event) => app.socket().tell(event));
  await app.user.click(await screen.findByRole('button', { name: 'Call the API' }));
  await app.user.click(await screen.findByRole('tab', { name: 'Log (0)' }));
  app.answer('GET /runs/r1/steps/s2', { ...running, log: [line] });
  app.socket().tell({ ...EVENTS[3], event: 'step_log', ...line });
  const step = screen.getByRole('complementary', { name: 'Step' });
  expect(await within(step).findByText(/Asking…/)).toBeVisible();
});

test('on a narrow screen a step is a dialog with a name', async () => {
  const matchMedia = window.matchMedia.bind(window);
  vi.stubGlobal('matchMedia', (media: string) =>
    Object.assign(matchMedia(media), { matches: media.includes('max-width') }),
  );
  const app = await openRun();
  EVENTS.forEach((event) => app.socket().tell(event));
  const log = await screen.findByRole('log', { name: 'Console' });
  await app.user.click((await within(log).findAllByText('Call the API'))[0] as HTMLElement);
  expect(await screen.findByRole('dialog', { name: 'Step' })).toBeVisible();
});

test("the browser's tab says how the run is", async () => {
  const app = await openRun();
  told(0, 1).forEach((event) => app.socket().tell(event));
  await waitFor(() => expect(document.title).toBe('Running: Handle webhooks · FlowForge'));
  told(1, 6).forEach((event) => app.socket().tell(event));
  await waitFor(() => expect(document.title).toBe('Completed: Handle webhooks · FlowForge'));
});

test('a retry may begin with other input, on the published version', async () => {
  const trigger = { output_json: { main: [{ json: { n: 1 } }] } };
  const app = await openRun({
    'GET /runs/r1': run({ status: 'completed' }),
    'GET /runs/r1/steps': pageOf(trigger),
    'POST /runs/r1/retry': run({ id: 'r2' }),
    'GET /runs/r2': run({ id: 'r2', retry_of: 'r1' }),
  });
  await app.user.click(screen.getByRole('button', { name: 'Retry' }));
  await app.user.click(await screen.findByRole('menuitem', { name: /Otherwise/ }));
  const input = await screen.findByRole('textbox', { name: 'Input' });
  expect(input).toHaveValue('[\n  {\n    "json": {\n      "n": 1\n    }\n  }\n]');
  await app.user.clear(input);
  await app.user.type(input, '[[]');
  const dialog = screen.getByRole('dialog');
  await app.user.click(within(dialog).getByRole('button', { name: 'Retry' }));
  await waitFor(() => expect(app.sent('POST /runs/r1/retry')).toHaveLength(1));
  expect(app.sent('POST /runs/r1/retry')[0]?.body).toBe(
    '{"from":"start","version":"same","input":[]}',
  );
});

test('a retry begins only at steps that ran', async () => {
  const app = await openRun({
    'GET /runs/r1': run({ status: 'failed' }),
    'GET /runs/r1/steps': pageOf(
      { node: 'n1', status: 'completed', output_json: { main: [{ json: {} }] } },
      { node: 'n2', status: 'skipped', output_json: null },
    ),
  });
  await app.user.click(screen.getByRole('button', { name: 'Retry' }));
  await app.user.click(await screen.findByRole('menuitem', { name: /Otherwise/ }));
  await app.user.click(await screen.findByRole('combobox', { name: 'Begin at' }));
  expect(await screen.findByRole('option', { name: 'Hook' })).toBeInTheDocument();
  expect(screen.queryByRole('option', { name: 'Call the API' })).toBeNull();
});

test('of an input that is too large for a list a retry shows nothing, and changes nothing', async () => {
  const app = await openRun({
    'GET /runs/r1': run({ status: 'completed' }),
    'GET /runs/r1/steps': pageOf({ output_json: null, left_out: ['output_json'] }),
    'POST /runs/r1/retry': run({ id: 'r2' }),
    'GET /runs/r2': run({ id: 'r2', retry_of: 'r1' }),
  });
  await app.user.click(screen.getByRole('button', { name: 'Retry' }));
  await app.user.click(await screen.findByRole('menuitem', { name: /Otherwise/ }));
  expect(await screen.findByRole('textbox', { name: 'Input' })).toHaveValue('');
  const dialog = screen.getByRole('dialog');
  await app.user.click(within(dialog).getByRole('button', { name: 'Retry' }));
  await waitFor(() => expect(app.sent('POST /runs/r1/retry')).toHaveLength(1));
  expect(app.sent('POST /runs/r1/retry')[0]?.body).toBe('{"from":"start","version":"same"}');
});

test('a cancel says how far it has come', async () => {
  await openRun({
    'GET /runs/r1': run({
      id: 'r1',
      status: 'running',
      cancel: {
        asked_at: '2026-01-01T00:00:00Z',
        asked_by: 'u2',
        asked_by_email: 'ada@example.test',
        acknowledged_at: '2026-01-01T00:00:01Z',
        forced_at: null,
      },
    }),
  });
  expect(await screen.findByText('The run comes to its end')).toBeVisible();
  expect(screen.getByText(/Asked by ada@example.test/)).toBeVisible();
  expect(screen.getByRole('button', { name: 'Cancelling…' })).toBeDisabled();
});

test('a running run is cancelled after a second look', async () => {
  const app = await openRun({ 'POST /runs/r1/cancel': {} });
  await app.user.click(screen.getByRole('button', { name: 'Cancel run' }));
  expect(await screen.findByRole('button', { name: 'Close' })).toBeVisible();
  await app.user.click(await screen.findByRole('button', { name: 'Cancel it' }));
  expect(await screen.findByRole('button', { name: 'Cancelling…' })).toBeDisabled();
  await waitFor(() => expect(app.sent('POST /runs/r1/cancel')).toHaveLength(1));
});

test('a failed run is retried from the failed step, and the new run is shown', async () => {
  const app = await openRun({
    'GET /runs/r1': run({ status: 'failed', error_message: 'It broke.' }),
    'POST /runs/r1/retry': run({ id: 'r2' }),
    'GET /runs/r2': run({ id: 'r2', retry_of: 'r1' }),
  });
  expect(screen.getByRole('alert')).toHaveTextContent('It broke.');
  await app.user.click(screen.getByRole('button', { name: 'Retry' }));
  await app.user.click(await screen.findByRole('menuitem', { name: /From the failed step/ }));
  await waitFor(() => expect(app.path()).toBe('/runs/r2'));
  expect(app.sent('POST /runs/r1/retry')[0]?.body).toBe('{"from":"failed"}');
  expect(await screen.findByRole('link', { name: 'retries an earlier run' })).toBeVisible();
});

const waiting = run({
  status: 'waiting',
  waiting_for: [{ step: 's2', node: 'n2', for: 'decision', until: null }],
});

test('a step whose end nobody knows is run again if somebody says so', async () => {
  const app = await openRun({ 'GET /runs/r1': waiting, 'POST /runs/r1/resume': {} });
  expect(await screen.findByText(/needs a decision/)).toBeVisible();
  await app.user.click(screen.getByRole('button', { name: 'Run again' }));
  await waitFor(() =>
    expect(app.sent('POST /runs/r1/resume')[0]?.body).toBe('{"step":"s2","decision":"run_again"}'),
  );
});

test('items that somebody knows stand in for the lost step, exactly as typed', async () => {
  const app = await openRun({ 'GET /runs/r1': waiting, 'POST /runs/r1/resume': {} });
  await app.user.click(await screen.findByRole('button', { name: 'Use these items…' }));
  const items = await screen.findByLabelText('Items');
  await app.user.clear(items);
  expect(screen.getByRole('button', { name: 'Use the items' })).toBeDisabled();
  await app.user.click(items);
  await app.user.paste('[{"id": 98765432109876543210}]');
  await app.user.click(screen.getByRole('button', { name: 'Use the items' }));
  await waitFor(() =>
    expect(app.sent('POST /runs/r1/resume')[0]?.body).toBe(
      '{"step":"s2","decision":"use","items":[{"id": 98765432109876543210}]}',
    ),
  );
});

test('what a step asks for is approved with a comment', async () => {
  const asks = { question: 'Refund order 7?', details: 'Ada wants it back.' };
  const app = await openRun({
    'GET /runs/r1': run({
      status: 'waiting',
      waiting_for: [{ step: 's2', node: 'n2', for: 'approval', until: null, asks }],
    }),
    'POST /runs/r1/resume': {},
  });
  expect(await screen.findByText('Refund order 7?')).toBeVisible();
  expect(screen.getByText('Ada wants it back.')).toBeVisible();
  await app.user.type(screen.getByLabelText('Comment'), 'Fine.');
  await app.user.click(screen.getByRole('button', { name: 'Approve' }));
  await waitFor(() =>
    expect(app.sent('POST /runs/r1/resume')[0]?.body).toBe(
      '{"step":"s2","decision":"approve","comment":"Fine."}',
    ),
  );
});

test('who was not asked cannot decide what is for others alone', async () => {
  const asks = { question: 'Refund order 7?', details: '', only: ['boss@example.org'] };
  await openRun({
    'GET /runs/r1': run({
      status: 'waiting',
      waiting_for: [{ step: 's2', node: 'n2', for: 'approval', until: null, asks }],
    }),
  });
  expect(await screen.findByText(/Only those who were asked.*boss@example.org/)).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Approve' })).toBeNull();
});

test('a viewer sees the run, and no deed', async () => {
  await openRun({
    'GET /me': { ...ME, workspaces: [{ id: 'w1', name: 'Demo', role: 'viewer' }] },
    'GET /runs/r1': waiting,
  });
  expect(await screen.findByText(/An operator of this workspace can decide/)).toBeVisible();
  for (const name of ['Cancel run', 'Retry', 'Run again']) {
    expect(screen.queryByRole('button', { name })).toBeNull();
  }
});

test('a run of another of my workspaces takes me there', async () => {
  const app = renderApp('/runs/r1', {
    'GET /me': { ...ME, workspaces: [...ME.workspaces, { id: 'w2', name: 'B', role: 'editor' }] },
    'GET /runs/r1': run({ workspace: 'w2' }),
    'GET /workflows/f1/versions/3': { graph: GRAPH },
    'GET /runs': pageOf(),
  });
  await screen.findByRole('link', { name: 'Handle webhooks' });
  await waitFor(() => expect(app.socket().url).toMatch(/w2$/));
  await waitFor(() => expect(app.socket().sent).toEqual([{ follow: 'r1', after: 0 }]));
});

test('the files of items are listed, each to be downloaded', async () => {
  const files = {
    data: { id: 'p1', fileName: 'bill.pdf', mimeType: 'application/pdf', fileSize: 12_400 },
  };
  const output_json = { main: [{ json: { answered: 'that' }, binary: files }] };
  const app = await openRun({ 'GET /runs/r1/steps/s2': { ...STEP, output_json } });
  told(0, 6).forEach((event) => app.socket().tell(event));
  await app.user.click(
    (await screen.findAllByRole('button', { name: 'Call the API' })).at(-1) as HTMLElement,
  );
  const list = await screen.findByRole('list', { name: 'Files' });
  expect(list).toHaveTextContent('bill.pdfdata · application/pdf · 12.4 kB');
  expect(within(list).getByRole('link', { name: 'bill.pdf' })).toHaveAttribute(
    'href',
    '/api/v1/payloads/p1',
  );
  expect(screen.getByText('"that"')).toBeVisible();
});

test('a run leads to the runs that it started', async () => {
  const nodes = [{ id: 'n1', type: 'run_workflow', name: 'Others', params: {} }];
  const app = await openRun({
    'GET /workflows/f1/versions/3': { graph: { nodes, edges: [] } },
    'GET /runs': pageOf(run({ id: 'child-01234567', workflow_name: 'Pack', status: 'failed' })),
  });
  const list = await screen.findByRole('list', { name: 'Runs that it started' });
  expect(within(list).getByRole('link', { name: /Pack/ })).toHaveAttribute(
    'href',
    '/runs/child-01234567',
  );
  expect(list).toHaveTextContent('Failed');
  expect(app.sent('GET /runs')[0]?.query.get('parent_run')).toBe('r1');
});
