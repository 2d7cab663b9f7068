import type { GraphNode } from '../api/types';

/** What must be put in by hand, for nobody is told it: by the way in which senders are known. */
const PROOFS: Partial<Record<string, string>> = {
  basic: "-u 'user:password'",
  header: "-H 'X-Name: value'",
  jwt: "-H 'Authorization: Bearer token'",
};

/** A command that sends what a webhook with these params takes, to try it out. */
export function curlOf(url: string, params: GraphNode['params']): string {
  const method = typeof params.method === 'string' ? params.method : 'POST';
  return [
    `curl ${verb(method)}'${url}'`,
    PROOFS[String(params.authentication)],
    hasBody(method) ? `-H 'Content-Type: application/json' -d '{"hello": "world"}'` : undefined,
  ]
    .filter((part) => part !== undefined)
    .join(' \\\n  ');
}

function verb(method: string): string {
  if (method === 'GET') return '';
  return method === 'HEAD' ? '-I ' : `-X ${method} `;
}

function hasBody(method: string): boolean {
  return method === 'POST' || method === 'PUT' || method === 'PATCH';
}

const REMARKS: Partial<Record<string, string>> = {
  none: '',
  basic: 'Put in the user name and the password of its credential: without them it is not let in.',
  header: 'Put in the header of its credential: without it, it is not let in.',
  jwt: 'Put in a token signed by its credential: without one it is not let in.',
};

/** What a person must know of that command before it is let in; empty: nothing. */
export function remarkOf({ authentication }: GraphNode['params']): string {
  return (
    REMARKS[typeof authentication === 'string' ? authentication : 'none'] ??
    'It must be signed, so this is not let in as it stands: let the service itself send one.'
  );
}
