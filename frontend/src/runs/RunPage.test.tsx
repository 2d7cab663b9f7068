import { screen, waitFor, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { ME, pageOf, renderApp, run } from '../test/renderApp';
import { EVENTS, GRAPH, openRun, STEP, told } from './runPage.fixture';

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
