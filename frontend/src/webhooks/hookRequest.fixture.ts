import type { HookRequestDetail } from '../api/types';

/** A request of the inbox, for tests. */
export const hookRequest = (rest: Partial<HookRequestDetail> = {}): HookRequestDetail => ({
  id: 'q1',
  workspace: 'w1',
  workflow: 'f1',
  workflow_name: 'Handle webhooks',
  endpoint: 'e1',
  node: 'h',
  run: 'r1',
  run_status: 'failed',
  method: 'POST',
  path: 'orders',
  size: 15,
  address: '192.0.2.7',
  received_at: '2026-01-01T00:00:00.000Z',
  params: {},
  query: 'page=2&token=(hidden)',
  headers: { 'content-type': 'application/json', 'x-shop': '5' },
  body: { encoding: 'text', content: '{"name": "Ada"}', payload: null },
  replays: [],
  ...rest,
});
