import { Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import classes from './PageHead.module.css';
import { WindowTitle } from './WindowTitle';

interface Props {
  title: string;
  /** Where the title leads to. */
  to?: string;
  /** What the browser calls the page; its title unless given. */
  windowTitle?: string;
  beside?: ReactNode;
  children?: ReactNode;
}

/** The title of a page, what is said beside it, and the deeds or filters at the right. */
export function PageHead({ title, to, windowTitle = title, beside, children }: Props) {
  return (
    <div className={classes.head}>
      <WindowTitle>{windowTitle}</WindowTitle>
      <div className={classes.title}>
        <Title order={1}>{to === undefined ? title : <Link to={to}>{title}</Link>}</Title>
        {beside}
      </div>
      <div className={classes.deeds}>{children}</div>
    </div>
  );
}
