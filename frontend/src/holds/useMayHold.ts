import { useMay } from '../session/session';
import type { Held } from './queries';

/** Whether this person may pause and resume it: a workspace is its admins'. */
export function useMayHold({ kind }: Held): boolean {
  return useMay(kind === 'workspace' ? 'admin' : 'operator');
}
