import { Title } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './PageHead.module.css';

/** The title of a page, what is said beside it, and the deeds or filters at the right. */
export function PageHead({
  title,
  beside,
  children,
}: {
  title: ReactNode;
  beside?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div className={classes.head}>
      <div className={classes.title}>
        <Title order={1}>{title}</Title>
        {beside}
      </div>
      <div className={classes.deeds}>{children}</div>
    </div>
  );
}
