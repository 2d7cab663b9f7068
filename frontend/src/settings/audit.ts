/** How an entry of the audit trail reads. */

import { stringifyExact } from '../api/exactJson';
import type { AuditEntry, Json } from '../api/types';
import { capitalized } from '../ui/capitalized';

const WAYS = {
  web: 'Web app',
  api: 'API',
  admin: 'Admin',
  link: 'Link',
  command: 'Command line',
  worker: 'Worker',
};

/** From where: by which way, and the address of the request. Empty: not noted. */
export function originOf({ way, address }: AuditEntry): string {
  return [way === null ? null : WAYS[way], address].filter((part) => part !== null).join(', ');
}

/** "member.change_role" is "Member: change role". */
export function actionOf({ action }: AuditEntry): string {
  const [about = '', deed = ''] = action.replaceAll('_', ' ').split('.');
  return `${about === 'api key' ? 'API key' : capitalized(about)}: ${deed}`;
}

/** "role: viewer → editor, version: 3". */
export function detailOf({ detail }: AuditEntry): string {
  const { changes = {}, ...rest } = (detail ?? {}) as Record<string, Json>;
  const changed = Object.entries(changes as Record<string, [Json, Json]>).map(
    ([name, [before, after]]) => `${written(name)}: ${said(before)} → ${said(after)}`,
  );
  const told = Object.entries(rest)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `${written(name)}: ${said(value)}`);
  return [...changed, ...told].join(', ');
}

const written = (name: string) => name.replaceAll('_', ' ');

function said(value: Json): string {
  if (value === null || value === '') return '–';
  if (Array.isArray(value)) return value.map(said).join(' ');
  return typeof value === 'string' ? value : stringifyExact(value, 0);
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
