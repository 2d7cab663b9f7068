import { post } from '../api/client';
import type { Graph, ConversionReport } from '../api/types';

export interface Converted {
  name: string;
  graph: Graph;
  report: ConversionReport;
}

/** What n8n copied, as a graph of ours; nothing is saved. The text is sent as it was typed. */
export function convertN8n(text: string, workspace: string): Promise<Converted> {
  return post('/import/n8n/convert', n8nBody(text, { workspace }));
}

/** A request's body around a text that is JSON. */
export function n8nBody(text: string, more: Record<string, string>): string {
  return `{"workflow":${text},${JSON.stringify(more).slice(1)}`;
}
