import { CloseButton } from '@mantine/core';
import { useLayoutEffect, useRef, type ReactNode } from 'react';
import classes from './Detail.module.css';

interface Props {
  /** What it is of, as "Step". */
  what: string;
  title: string;
  /** Which of them it is: another one is shown from its top. */
  id?: string;
  /** What is said in the head, below the title. */
  facts: ReactNode;
  onClose: () => void;
  children: ReactNode;
}

/** All of what was selected, beside it or from below: a head, and a body that scrolls. */
export function Detail({ what, title, id, facts, onClose, children }: Props) {
  const body = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (body.current !== null) body.current.scrollTop = 0;
  }, [id]);
  return (
    <aside className={classes.detail} aria-label={what}>
      <div className={classes.head}>
        <div className={classes.title}>
          <h2>{title}</h2>
          <CloseButton aria-label={`Close ${what.toLowerCase()}`} size="sm" onClick={onClose} />
        </div>
        <div className={classes.facts}>{facts}</div>
      </div>
      <div ref={body} className={classes.body}>
        {children}
      </div>
    </aside>
  );
}
