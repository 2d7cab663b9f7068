import type { ReactNode } from 'react';
import { Icon, type IconName } from './Icon';
import classes from './Notice.module.css';

interface Props {
  tone: 'completed' | 'failed' | 'stopped' | 'waiting';
  icon: IconName;
  title: ReactNode;
  /** A deed at the right of the title. */
  deed?: ReactNode;
  role?: 'alert' | 'status';
  children?: ReactNode;
}

/** Something that must not be missed: what failed, what waits for somebody, or has come. */
export function Notice({ tone, icon, title, deed, role, children }: Props) {
  return (
    <div className={classes.notice} data-status={tone} role={role}>
      <span className={classes.icon}>
        <Icon name={icon} />
      </span>
      <div className={classes.body}>
        <div className={classes.title}>{title}</div>
        {children}
      </div>
      {deed}
    </div>
  );
}

/** Notices above what a page is about, if there are any. */
export function NoticeList({ children }: { children: ReactNode }) {
  return <div className={classes.list}>{children}</div>;
}
