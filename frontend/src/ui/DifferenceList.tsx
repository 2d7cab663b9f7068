import { inShort, type Difference, type Differences } from '../graph/differences';
import classes from './DifferenceList.module.css';

/** What differs, before and after. Long values stand shortened. */
export function DifferenceList({ differences: { found, areMore } }: { differences: Differences }) {
  return (
    <>
      <dl className={classes.differences}>
        {found.map((difference) => (
          <OneDifference key={difference.path} {...difference} />
        ))}
      </dl>
      {areMore && <p className={classes.more}>There are more than {found.length} differences.</p>}
    </>
  );
}

function OneDifference({ path, before, after }: Difference) {
  return (
    <div>
      <dt>{path === '' ? 'The whole value' : path}</dt>
      {before !== undefined && (
        <dd>
          <del>{inShort(before) || '“”'}</del>
        </dd>
      )}
      {after !== undefined && (
        <dd>
          <ins>{inShort(after) || '“”'}</ins>
        </dd>
      )}
    </div>
  );
}
