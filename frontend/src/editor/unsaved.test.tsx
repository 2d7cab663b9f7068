import { fireEvent, screen, waitFor } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { opened, saved } from '../test/editor';
import { pageOf, Problem } from '../test/renderApp';

const CALL = { id: 'n1', type: 'http_call', name: 'Call', params: {}, position: [0, 0] };
const GRAPH = { nodes: [CALL as never], edges: [] };
const KEY = 'ff-unsaved:u1:f1';

const kept = () =>
  Object.entries(window.localStorage)
    .filter(([key]) => key.startsWith(KEY))
    .map(([, text]) => String(text));

/** An editor that is opened where an earlier one was left unsaved. */
function openedAgain(revision: number) {
  return opened(GRAPH, '/workflows/f1/edit', {
    [KEY]: JSON.stringify({
      at: new Date().toISOString(),
      revision,
      graph: { nodes: [{ ...CALL, name: 'Unsaved' }], edges: [] },
    }),
  });
}

test('while the server is away the draft is kept in the browser, until it is saved', async () => {
  const { user, answer } = opened(GRAPH);
  answer('PUT /workflows/f1/draft', new Problem(503, 'Away.'));
  (await screen.findByRole('group', { name: 'Call' })).focus();
  await user.keyboard('{Enter}d');
  await waitFor(() => expect(kept()[0]).toContain('"disabled": true'));
  await screen.findByText(/^Not saved/);
  answer('PUT /workflows/f1/draft', { revision: 1, errors: [], warnings: [], ports: {} });
  await saved();
  expect(kept()).toEqual([]);
});

test('what was left unsaved is offered, taken in, and saved', async () => {
  const { user, draft } = openedAgain(0);
  await user.click(await screen.findByRole('button', { name: 'Take them in' }));
  expect(await screen.findByRole('group', { name: 'Unsaved' })).toBeInTheDocument();
  await waitFor(() => expect(draft.graph.nodes[0]?.name).toBe('Unsaved'));
  await waitFor(() => expect(kept()).toEqual([]));
  await user.click(screen.getByRole('button', { name: 'Undo: take in unsaved changes' }));
  expect(await screen.findByRole('group', { name: 'Call' })).toBeInTheDocument();
});

test('who takes what somebody else made keeps nothing of it, and sees it laid out', async () => {
  const { user, draft } = opened(GRAPH);
  (await screen.findByRole('group', { name: 'Call' })).focus();
  const bare = (id: string, name: string) => ({ id, type: 'http_call', name, params: {} });
  const theirs = [bare('n1', 'Mine no more'), bare('n2', 'Theirs')];
  const errors = [{ path: 'nodes[1].params.url', code: 'missing', message: 'It has no URL.' }];
  Object.assign(draft, { revision: 5, graph: { nodes: theirs, edges: [] }, errors });
  await user.keyboard('{Enter}d');
  await user.click(await screen.findByRole('button', { name: 'Take theirs' }));
  expect(await screen.findByRole('group', { name: 'Theirs, has faults' })).toBeInTheDocument();
  const [one, other] = screen.getAllByRole('group', { name: /heirs|Mine/ });
  expect(one?.style.transform).not.toBe(other?.style.transform);
  // What is to be kept is kept at once.
  fireEvent(window, new Event('pagehide'));
  expect(kept()).toEqual([]);
});

test('it outlives what is edited and saved before the answer', async () => {
  const { user, draft } = openedAgain(0);
  (await screen.findByRole('group', { name: 'Call' })).focus();
  await user.keyboard('{Enter}d');
  await waitFor(() => expect(draft.revision).toBe(1));
  await saved();
  expect(kept()).toHaveLength(1);
  expect(kept()[0]).toContain('Unsaved');
  await user.click(screen.getByRole('button', { name: 'Take them in' }));
  await waitFor(() => expect(draft.graph.nodes[0]?.name).toBe('Unsaved'));
  await waitFor(() => expect(kept()).toEqual([]));
});

test('an editor that is left while the server is away keeps its work, and saves nothing later', async () => {
  const { user, answer, sent } = opened(GRAPH);
  answer('PUT /workflows/f1/draft', new Problem(503, 'Away.'));
  answer('GET /workspaces/w1/workflows', pageOf());
  (await screen.findByRole('group', { name: 'Call' })).focus();
  await user.keyboard('{Enter}d');
  await screen.findByText(/^Not saved/);
  const tries = sent('PUT /workflows/f1/draft').length;
  vi.useFakeTimers();
  fireEvent.click(screen.getByRole('link', { name: 'Workflows' }));
  await vi.advanceTimersByTimeAsync(60_000);
  vi.useRealTimers();
  expect(sent('PUT /workflows/f1/draft').length).toBeLessThanOrEqual(tries + 1);
  expect(kept()).toHaveLength(1);
});

test('it is told where the draft was saved since, and may be let go', async () => {
  const { user } = openedAgain(7);
  expect(await screen.findByText(/The draft was saved since/)).toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'Let them go' }));
  expect(screen.queryByText(/were not saved/)).toBeNull();
  expect(window.localStorage.getItem(KEY)).toBeNull();
  expect(screen.getByRole('group', { name: 'Call' })).toBeInTheDocument();
});
