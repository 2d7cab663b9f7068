import type { ReactNode } from 'react';
import classes from './Facts.module.css';

export type Fact = [name: string, said: ReactNode];

/** Names and what is said of them, in two columns. */
export function Facts({ facts }: { facts: Fact[] }) {
  return (
    <dl className={classes.facts}>
      {facts.map(([name, said]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{said}</dd>
        </div>
      ))}
    </dl>
  );
}
