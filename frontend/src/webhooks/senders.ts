import type { GraphNode } from '../api/types';

const SERVICES: Partial<Record<string, string>> = {
  github: 'GitHub',
  stripe: 'Stripe',
  slack: 'Slack',
  standard_webhooks: 'Standard Webhooks',
};

/** Who may send to a webhook with these params, in words. */
export function sendersOf(params: GraphNode['params']): string {
  const known = knownBy(params);
  const networks = namesIn(params.ip_allow);
  return networks === '' ? known : `${known}, from ${networks}`;
}

function knownBy({ authentication, algorithms, audience, signature }: GraphNode['params']): string {
  const way = typeof authentication === 'string' ? authentication : 'none';
  const service = SERVICES[way];
  if (service !== undefined) return `Who signs as ${service} does`;
  switch (way) {
    case 'none':
      return 'Anybody';
    case 'basic':
      return 'Who knows the user name and password';
    case 'header':
      return 'Who sends the header of its credential';
    case 'jwt': {
      const token = `a token signed by ${namesIn(algorithms) || 'HS256'}`;
      return (
        `Who bears ${token}` +
        (typeof audience === 'string' && audience !== '' ? ` for ${audience}` : '')
      );
    }
    case 'hmac':
      return `Who signs in the header ${headerOf(signature)}`;
    default:
      return way;
  }
}

const ANSWERS: Partial<Record<string, string>> = {
  last_node: 'When the run ends: what its last node gave',
  respond_node: 'As a Respond to Webhook node says',
};

/** What senders get, in words. */
export function answerOf({ respond }: GraphNode['params']): string {
  return ANSWERS[String(respond)] ?? 'At once: 202 with the run’s id';
}

function namesIn(list: unknown): string {
  return Array.isArray(list) ? list.map(String).join(' or ') : '';
}

function headerOf(signature: unknown): string {
  const isForm = typeof signature === 'object' && signature !== null && 'header' in signature;
  return isForm ? String(signature.header) : 'of its signature';
}
