import { Link } from 'react-router';
import type { CredentialUse } from '../api/types';
import classes from './credentials.module.css';

/** The workflows that name a credential, each with where it does. */
export function UsedBy({ uses }: { uses: CredentialUse[] }) {
  const places = new Map<string, CredentialUse[]>();
  for (const use of uses) places.set(use.workflow, [...(places.get(use.workflow) ?? []), use]);
  return (
    <ul className={classes.uses}>
      {[...places].map(([workflow, found]) => (
        <li key={workflow}>
          <Link to={`/workflows/${workflow}`}>{found[0]?.name}</Link>{' '}
          <span className={classes.quiet}>
            {found
              .map(({ where }) => (where === 'draft' ? 'its draft' : 'as published'))
              .join(', ')}
          </span>
        </li>
      ))}
    </ul>
  );
}
