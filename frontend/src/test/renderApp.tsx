import { render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useEffect } from 'react';
import { MemoryRouter, useLocation } from 'react-router';
import { vi } from 'vitest';
import { stringifyExact } from '../api/exactJson';
import { App } from '../App';
import type { Hold, ListedWorkflow, Me, Run, Workflow } from '../api/types';
import { FakeSocket } from './FakeSocket';

export interface Request {
  /** "GET /runs" */
  name: string;
  query: URLSearchParams;
  body: string | null;
  headers: Headers;
}

/** What the server answers; a promise that is never kept is an answer that never comes. */
type Answer = object | ((request: Request) => object);

export const ME: Me = {
  id: 'u1',
  email: 'ada@example.org',
  is_staff: false,
  is_superuser: false,
  hooks_url: 'https://hooks.example.org',
  environment: '',
  workspaces: [{ id: 'w1', name: 'Demo', role: 'editor' }],
};

export const pageOf = (...results: object[]) => ({ results, next: null, previous: null });

export const NOT_HELD: Hold = { held: false, reason: '', by: null, since: null };

/** An answer of the server that is no success, as problem+json. */
export class Problem {
  constructor(
    readonly status: number,
    readonly detail: string,
    readonly errors: object[] = [],
  ) {}
}

/**
 * The whole app at `path`, its server and socket played by the test. `stored` is what the browser has
 * kept of earlier visits.
 */
export function renderApp(
  path: string,
  answers: Record<string, Answer> = {},
  stored: Record<string, string> = {},
) {
  const all: Record<string, Answer> = {
    'GET /me': ME,
    'GET /hold': NOT_HELD,
    'GET /workspaces/w1/hold': NOT_HELD,
    'GET /workflows/f1/hold': NOT_HELD,
    'GET /workspaces/w1/bulk-jobs': pageOf(),
    'GET /workspaces/w1/workflow-tags': { results: [] },
    'GET /runs/r1/notes': pageOf(),
    'GET /workflows/f1/notes': pageOf(),
    'GET /samples': { results: [] },
    ...answers,
  };
  const requests: Request[] = [];
  const sockets: FakeSocket[] = [];
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    const { pathname, searchParams } = new URL(url, 'http://host');
    const request: Request = {
      name: `${init.method ?? 'GET'} ${pathname.replace('/api/v1', '')}`,
      query: searchParams,
      body: init.body as string | null,
      headers: new Headers(init.headers),
    };
    requests.push(request);
    const answer = all[request.name] ?? new Problem(404, `There is no ${request.name}.`);
    return Promise.resolve(answer instanceof Function ? answer(request) : answer).then(respond);
  });
  vi.stubGlobal(
    'WebSocket',
    class extends FakeSocket {
      constructor(url: string) {
        super(url);
        sockets.push(this);
        queueMicrotask(() => this.accept());
      }
    },
  );
  window.localStorage.clear();
  for (const [key, value] of Object.entries(stored)) window.localStorage.setItem(key, value);
  let place = '';
  render(
    <MemoryRouter initialEntries={[path]}>
      <Place onChange={(path) => void (place = path)} />
      <App />
    </MemoryRouter>,
  );
  return {
    user: userEvent.setup(),
    /** Changes what the server answers from now on. */
    answer: (name: string, answer: Answer) => (all[name] = answer),
    sent: (name: string) => requests.filter((request) => request.name === name),
    socket: () => sockets.at(-1) as FakeSocket,
    /** Reads again all that is shown, as after the connection was lost. */
    readAgain: () => {
      sockets.at(-1)?.break();
      window.dispatchEvent(new Event('online'));
    },
    path: () => place,
  };
}

function Place({ onChange }: { onChange: (path: string) => void }) {
  const { pathname, search } = useLocation();
  useEffect(() => onChange(pathname + search));
  return null;
}

function respond(answer: object): Response {
  if (answer instanceof Problem) {
    return new Response(stringifyExact(answer), {
      status: answer.status,
      headers: { 'Content-Type': 'application/problem+json' },
    });
  }
  return new Response(stringifyExact(answer), { headers: { 'Content-Type': 'application/json' } });
}

export const workflow = (rest: Partial<Workflow> = {}): Workflow => ({
  id: 'f1',
  workspace: 'w1',
  name: 'Handle webhooks',
  status: 'active',
  version: 3,
  latest_version: 3,
  tags: [],
  keep_completed_days: null,
  keep_failed_days: null,
  keep_runs: null,
  max_kept_bytes: null,
  kept_bytes: 0,
  created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-01T00:00:00.000Z',
  ...rest,
});

/** As the list tells of it. */
export const listed = (rest: Partial<ListedWorkflow> = {}): ListedWorkflow => ({
  ...workflow(),
  last_run: null,
  next_run_at: null,
  held: false,
  ...rest,
});

export const run = (rest: Partial<Run> = {}): Run => ({
  id: 'r1',
  workspace: 'w1',
  workflow: 'f1',
  workflow_name: 'Handle webhooks',
  version: 3,
  status: 'running',
  trigger: 'webhook',
  triggered_by: null,
  triggered_by_email: null,
  created_at: '2026-01-01T00:00:00.000Z',
  started_at: '2026-01-01T00:00:00.000Z',
  finished_at: null,
  wake_at: null,
  deadline_at: null,
  waiting_for: [],
  waits_for: null,
  priority: 'default',
  cancel: null,
  kept_bytes: 0,
  values: {},
  error_code: '',
  error_message: null,
  parent_run: null,
  retry_of: null,
  seq: 0,
  ...rest,
});
