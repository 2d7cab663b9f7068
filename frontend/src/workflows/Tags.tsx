import { Link } from 'react-router';
import classes from './Tags.module.css';

/** The tags of a workflow, each a link to all that have it. */
export function Tags({ tags }: { tags: string[] }) {
  if (tags.length === 0) return null;
  return (
    <span className={classes.tags}>
      {tags.map((tag) => (
        <Link
          key={tag}
          className={classes.tag}
          to={`/workflows?tag=${encodeURIComponent(tag)}`}
          aria-label={`Tag ${tag}`}
        >
          {tag}
        </Link>
      ))}
    </span>
  );
}
