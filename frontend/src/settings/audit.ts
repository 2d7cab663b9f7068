/** How an entry of the audit trail reads. */

import type { AuditEntry, Json } from '../api/types';
import { capitalized } from '../ui/capitalized';

/** Who: a person, a program by its key, or FlowForge itself. */
export function whoOf({ user_email, api_key_prefix }: AuditEntry): string {
  if (typeof user_email === 'string') return user_email;
  return typeof api_key_prefix === 'string' ? `Key ff_${api_key_prefix}` : 'FlowForge';
}

/** "member.change_role" is "Member: change role". */
export function actionOf({ action }: AuditEntry): string {
  const [about = '', deed = ''] = action.replaceAll('_', ' ').split('.');
  return `${about === 'api key' ? 'API key' : capitalized(about)}: ${deed}`;
}

/** "before: viewer, role: editor". */
export function detailOf({ detail }: AuditEntry): string {
  return Object.entries((detail ?? {}) as Record<string, Json>)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `${name.replaceAll('_', ' ')}: ${said(value)}`)
    .join(', ');
}

function said(value: Json): string {
  if (Array.isArray(value)) return value.map(said).join(' ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const PAGES: Record<string, string> = {
  workflow: '/workflows/',
  run: '/runs/',
  credential: '/credentials?credential=',
};

/** Where that is which was changed, if it has a page. */
export function pageOf({ object_type, object_id, action }: AuditEntry): string | null {
  const page = PAGES[object_type];
  const isGone = action.endsWith('.delete') || action.endsWith('.expire');
  return page === undefined || object_id === null || isGone ? null : page + object_id;
}
