import type { GraphNode } from '../api/types';

export interface Hook {
  methods: string[];
  /** As "/hooks/orders". */
  path: string;
}

/** Paths that were made for webhooks, by their nodes' ids. */
export type MadePaths = Partial<Record<string, string>>;

const TYPES = ['webhook', 'form'];

/** Whether the node is a webhook or form that names no path: one is made for it. */
export function isPathMade({ type, params }: GraphNode): boolean {
  return TYPES.includes(type) && (params.path ?? '') === '';
}

/** The requests that a node listens for, or null where it listens for none yet. */
export function hookOf(node: GraphNode, made: MadePaths): Hook | null {
  const { id, type, disabled, params } = node;
  const path = isPathMade(node) ? made[id] : params.path;
  if (!TYPES.includes(type) || disabled || typeof path !== 'string') return null;
  // To open a form is how one begins.
  if (type === 'form') return { methods: ['GET'], path: `/forms/${path}` };
  const more: unknown[] = Array.isArray(params.more_methods) ? params.more_methods : [];
  return { methods: [params.method ?? 'POST', ...more].map(String), path: `/hooks/${path}` };
}
