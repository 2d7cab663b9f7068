import { useCallback, useState } from 'react';
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
      {before !== undefined && <Value as="del" text={inShort(before)} />}
      {after !== undefined && <Value as="ins" text={inShort(after)} />}
    </div>
  );
}

/** A long value scrolls, by the keyboard too: it takes the focus only then. */
function Value({ as: Side, text }: { as: 'del' | 'ins'; text: string }) {
  const [isScrolled, setScrolled] = useState(false);
  const measure = useCallback((value: HTMLElement | null) => {
    if (value === null) return undefined;
    const observer = new ResizeObserver(() => setScrolled(value.scrollHeight > value.clientHeight));
    observer.observe(value);
    return () => observer.disconnect();
  }, []);
  return (
    <dd>
      <Side ref={measure} tabIndex={isScrolled ? 0 : undefined}>
        {text || '“”'}
      </Side>
    </dd>
  );
}
