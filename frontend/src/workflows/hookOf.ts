import type { GraphNode } from '../api/types';

export interface Hook {
  methods: string[];
  /** As "/hooks/orders". */
  path: string;
}

/** Paths that were made for webhooks, by their nodes' ids. */
export type MadePaths = Partial<Record<string, string>>;

/** Whether the node is a webhook that names no path: one is made for it. */
export function isPathMade({ type, params }: GraphNode): boolean {
  return type === 'webhook' && (params.path ?? '') === '';
}

/** The requests that a webhook listens for, or null where the node listens for none yet. */
export function hookOf(node: GraphNode, made: MadePaths): Hook | null {
  const { id, type, disabled, params } = node;
  const path = isPathMade(node) ? made[id] : params.path;
  if (type !== 'webhook' || disabled || typeof path !== 'string') return null;
  const more: unknown[] = Array.isArray(params.more_methods) ? params.more_methods : [];
  return { methods: [params.method ?? 'POST', ...more].map(String), path: `/hooks/${path}` };
}
