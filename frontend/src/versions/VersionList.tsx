import { Link } from 'react-router';
import type { VersionListed } from '../api/types';
import { Icon } from '../ui/Icon';
import { fullTime, shortTime } from '../ui/times';
import type { Shown } from './shown';
import classes from './versions.module.css';

interface Props {
  versions: VersionListed[];
  published: number | null;
  shown: Shown;
  linkTo: (shown: Shown) => string;
}

/** The draft, and the versions that were kept of it: by whom, when, and why. */
export function VersionList({ versions, published, shown, linkTo }: Props) {
  return (
    <ol className={classes.rows} aria-label="Versions">
      <li>
        <Link to={linkTo(null)} aria-current={shown === null || undefined}>
          <strong>Draft</strong>
          <span className={classes.quiet}>as it is edited now</span>
        </Link>
      </li>
      {versions.map(({ version, note, created_by_email, created_at }) => (
        <li key={version}>
          <Link to={linkTo(version)} aria-current={shown === version || undefined}>
            <strong>Version {version}</strong>
            {version === published && (
              <span className={classes.published} data-status="active">
                <Icon name="bolt" size={12} /> published
              </span>
            )}
            <span className={classes.quiet} title={fullTime(created_at)}>
              {created_by_email ?? 'FlowForge'} · {shortTime(created_at)}
            </span>
            {note !== '' && <span className={classes.note}>{note}</span>}
          </Link>
        </li>
      ))}
    </ol>
  );
}
