import type { GraphNode } from '../api/types';

export interface Hook {
  method: string;
  /** As "/hooks/orders". */
  path: string;
}

/** The request that a webhook listens for, or null where the node listens for none, or at a path
 * that was made for it. */
export function hookOf({ type, disabled, params }: GraphNode): Hook | null {
  if (type !== 'webhook' || disabled || typeof params.path !== 'string') return null;
  if (params.path === '') return null;
  const method = typeof params.method === 'string' ? params.method : 'POST';
  return { method, path: `/hooks/${params.path}` };
}
