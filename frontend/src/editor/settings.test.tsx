import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { Graph } from '../api/types';
import { opened } from '../test/editor';
import { pageOf, Problem, workflow } from '../test/renderApp';

const ONE: Graph = {
  schema: 1,
  nodes: [{ id: 'n1', type: 'http_call', name: 'Call', params: { url: 'a' }, position: [0, 0] }],
  edges: [],
  settings: { step_budget: 500 },
};

async function openedSettings(graph = ONE, more: Record<string, object> = {}) {
  const app = opened(graph, undefined, undefined, {
    'GET /workflows': pageOf(workflow({ id: 'f2', name: 'Tell the team' })),
    ...more,
  });
  await app.user.click(await screen.findByRole('button', { name: 'Workflow settings' }));
  return { ...app, panel: within(await screen.findByRole('complementary', { name: 'Settings' })) };
}

test('a setting is changed, saved by itself, and undone', async () => {
  const { user, draft, panel } = await openedSettings();
  const priority = panel.getByRole('combobox', { name: 'Priority' });
  await user.click(priority);
  await user.click(await screen.findByRole('option', { name: 'High' }));
  await waitFor(() => expect(draft.graph.settings).toEqual({ step_budget: 500, priority: 'high' }));
  await user.click(screen.getByRole('button', { name: 'Undo: change settings' }));
  await waitFor(() => expect(draft.graph.settings).toEqual({ step_budget: 500 }));
  expect(priority).toHaveValue('Default');
});

test('the time zone and the error workflow are chosen', async () => {
  const { user, draft, panel } = await openedSettings();
  await user.click(panel.getByRole('combobox', { name: 'Time zone' }));
  await user.click(await screen.findByRole('option', { name: 'Europe/Riga' }));
  await user.click(panel.getByRole('combobox', { name: 'Error workflow' }));
  await user.click(await screen.findByRole('option', { name: 'Tell the team' }));
  await waitFor(() =>
    expect(draft.graph.settings).toEqual({
      step_budget: 500,
      timezone: 'Europe/Riga',
      error_workflow: 'f2',
    }),
  );
});

test('an error workflow is looked for by the server, and named though it is not among the first', async () => {
  const { user, draft, panel } = await openedSettings(ONE, {
    'GET /workflows': ({ query }: { query: URLSearchParams }) =>
      pageOf(
        query.get('search') === 'last'
          ? workflow({ id: 'f9', name: 'The last of many' })
          : workflow({ id: 'f2', name: 'Tell the team' }),
      ),
    'GET /workflows/f9': workflow({ id: 'f9', name: 'The last of many' }),
  });
  const picker = panel.getByRole('combobox', { name: 'Error workflow' });
  await user.type(picker, 'last');
  await user.click(await screen.findByRole('option', { name: 'The last of many' }));
  await waitFor(() => expect(draft.graph.settings?.error_workflow).toBe('f9'));
  expect(picker).toHaveValue('The last of many');
});

test('a limit that is kept as a number is asked for more, and gone once it is emptied', async () => {
  const graph = { ...ONE, settings: { concurrency: 5 } };
  const { user, draft, panel } = await openedSettings(graph);
  const limit = within(panel.getByRole('group', { name: 'Runs at once' }));
  await user.type(limit.getByRole('textbox', { name: 'For each' }), 'x');
  await waitFor(() =>
    expect(draft.graph.settings).toEqual({ concurrency: { limit: 5, key: 'x' } }),
  );
  await user.clear(limit.getByRole('textbox', { name: 'For each' }));
  await user.clear(limit.getByRole('textbox', { name: 'At most' }));
  await waitFor(() => expect(draft.graph.settings).toEqual({}));
  expect(limit.queryByRole('textbox', { name: 'For each' })).toBeNull();
});

test('a rate is within a minute until somebody says another time', async () => {
  const { user, draft, panel } = await openedSettings({ ...ONE, settings: {} });
  const rate = within(panel.getByRole('group', { name: 'Runs that start within a time' }));
  await user.type(rate.getByRole('textbox', { name: 'At most' }), '10');
  await waitFor(() =>
    expect(draft.graph.settings).toEqual({ rate_limit: { limit: 10, per_s: 60 } }),
  );
});

test('a problem of a setting leads to its field', async () => {
  const app = opened({ ...ONE, settings: { error_workflow: 'gone' } }, undefined, undefined, {
    'GET /workflows': pageOf(),
  });
  const message = 'There is no workflow “gone” in this workspace.';
  const fault = { path: 'settings.error_workflow', code: 'workflow_unknown', message };
  app.draft.errors = [fault];
  await app.user.click(await screen.findByRole('button', { name: '1 problem' }));
  await app.user.click(await screen.findByRole('menuitem', { name: message }));
  const panel = within(await screen.findByRole('complementary', { name: 'Settings' }));
  expect(panel.getByText(message)).toBeInTheDocument();
  await waitFor(() =>
    expect(panel.getByRole('combobox', { name: 'Error workflow' })).toHaveFocus(),
  );
});

test('what keeps the draft from being saved stands at its field', async () => {
  const message = 'settings.step_budget must be a whole number.';
  const fault = { path: 'settings.step_budget', code: 'wrong_type', message };
  const { user, panel } = await openedSettings(ONE, {
    'PUT /workflows/f1/draft': () => new Problem(422, 'It is no graph.', [fault]),
  });
  await user.type(panel.getByRole('textbox', { name: 'Most steps of a run' }), 'x');
  expect(await panel.findByText(message)).toBeInTheDocument();
  expect(screen.getByRole('button', { name: '1 problem' })).toBeInTheDocument();
});

test('a node that is selected comes in the place of the settings', async () => {
  const { user } = await openedSettings();
  screen.getByRole('group', { name: /^Call/ }).focus();
  await user.keyboard('{Enter}');
  expect(await screen.findByRole('complementary', { name: 'Node' })).toBeInTheDocument();
  expect(screen.queryByRole('complementary', { name: 'Settings' })).toBeNull();
});
