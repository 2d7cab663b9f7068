import { screen, waitFor } from '@testing-library/react';
import { expect } from 'vitest';
import type { Graph } from '../api/types';
import { Problem, renderApp, workflow } from './renderApp';

const TYPES = {
  retryable: [{ code: 'timeout', meaning: 'No answer in time' }],
  results: [
    {
      type: 'webhook',
      version: 1,
      label: 'Webhook',
      group: 'triggers',
      description: 'Starts a run for each request.',
      inputs: [],
      outputs: ['main'],
      kind: 'trigger',
      keywords: [],
      params_schema: {
        'x-preview': 'request',
        properties: {
          path: { type: 'string', title: 'Path', 'x-literal': true },
          method: { enum: ['POST', 'GET'], default: 'POST', title: 'Method' },
        },
        required: ['path'],
      },
      ui: {},
      docs: '',
      example: {},
    },
    {
      type: 'http_call',
      version: 1,
      label: 'HTTP Call',
      group: 'actions',
      description: 'Sends a request.',
      inputs: ['main'],
      outputs: ['main'],
      kind: 'effect',
      keywords: [],
      params_schema: {
        properties: {
          url: { type: 'string', title: 'URL' },
          headers: { type: 'object', title: 'Headers', 'x-widget': 'key-values' },
        },
        required: ['url'],
      },
      ui: {},
      docs: '',
      example: null,
    },
  ],
};

/** An editor over a server that keeps what is put. */
export function opened(
  graph: Graph = { nodes: [], edges: [] },
  path = '/workflows/f1/edit',
  stored: Record<string, string> = {},
  more: Record<string, object> = {},
) {
  const draft = { graph, revision: 0, errors: [] as object[], warnings: [] as object[], ports: {} };
  const app = renderApp(
    path,
    {
      'GET /workflows/f1': workflow(),
      'GET /node-types': TYPES,
      'GET /workflows/f1/draft': () => draft,
      'PUT /workflows/f1/draft': ({ body }: { body: string | null }) => {
        const sent = JSON.parse(body ?? '') as { graph: Graph; revision: number };
        if (sent.revision !== draft.revision) return new Problem(409, 'It was changed.');
        Object.assign(draft, { graph: sent.graph, revision: sent.revision + 1 });
        return draft;
      },
      ...more,
    },
    stored,
  );
  return { ...app, draft };
}

/** What was done is on the server. */
export const saved = () => waitFor(() => expect(screen.getByText('Saved')).toBeInTheDocument());
