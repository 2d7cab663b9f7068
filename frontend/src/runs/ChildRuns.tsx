import { Link } from 'react-router';
import type { Run } from '../api/types';
import { StatusBadge } from '../ui/StatusBadge';
import classes from './ChildRuns.module.css';
import { useChildRuns } from './queries';

/** The runs that this one started, each a link to its page; nothing where there is none. */
export function ChildRuns({ run }: { run: Run }) {
  const { data: children } = useChildRuns(run);
  if (children === undefined || children.results.length === 0) return null;
  return (
    <section className={classes.children}>
      <h2>Runs that it started</h2>
      <ul aria-label="Runs that it started">
        {children.results.map(({ id, status, workflow_name }) => (
          <li key={id}>
            <StatusBadge status={status} />
            <Link to={`/runs/${id}`}>
              {workflow_name} <code>{id.slice(-8)}</code>
            </Link>
          </li>
        ))}
        {children.next !== null && <li>and earlier ones</li>}
      </ul>
    </section>
  );
}
