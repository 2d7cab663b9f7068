import type { Role } from '../api/types';

/** What each role may do beside what those before it may. */
export const ROLES: Record<Role, string> = {
  viewer: 'Sees workflows, runs, and all but secrets',
  operator: 'Also starts, cancels and retries runs, decides, and pauses',
  editor: 'Also builds and publishes workflows, makes variables and credentials',
  admin: 'Also manages members and keys, deletes runs, and reads the audit trail',
};
