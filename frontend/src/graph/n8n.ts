/** Texts that n8n copied or exported: known here, read by the server. */

/** Whether a text is nodes, or a workflow, of n8n. */
export function isN8n(text: string): boolean {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return false;
  }
  const nodes = isObject(value) ? value.nodes : null;
  return Array.isArray(nodes) && nodes.some(isN8nNode);
}

/** Its types stand in packages (`n8n-nodes-base.set`), ours do not. */
function isN8nNode(node: unknown): boolean {
  return isObject(node) && typeof node.type === 'string' && /^\S+\.\w+$/.test(node.type);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
