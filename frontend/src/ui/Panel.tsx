import type { ReactNode } from 'react';
import classes from './Panel.module.css';

/** A surface with a border: what stands together on a page. */
export function Panel({ children, className }: { children: ReactNode; className?: string }) {
  return <section className={`${classes.panel} ${className ?? ''}`}>{children}</section>;
}
