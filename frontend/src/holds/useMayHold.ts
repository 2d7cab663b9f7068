import { useMay, useSession } from '../session/session';
import type { Held } from './queries';

/** Whether this person may pause and resume it: a workspace is its admins', all is superusers'. */
export function useMayHold({ kind }: Held): boolean {
  const { me } = useSession();
  const hasRole = useMay(kind === 'workspace' ? 'admin' : 'operator');
  return kind === 'everything' ? me.is_superuser : hasRole;
}
