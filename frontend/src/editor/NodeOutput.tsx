import { useState } from 'react';
import type { GraphNode } from '../api/types';
import { Items, Iterations, StepParts } from '../runs/StepDetail';
import { Notice } from '../ui/Notice';
import { StatusBadge } from '../ui/StatusBadge';
import type { LastStep } from './lastStep';
import classes from './NodeView.module.css';

interface Props {
  node: GraphNode;
  last: LastStep | null;
}

/** What a node gives: what it is pinned to, and what it did in the run that is shown. */
export function NodeOutput({ node, last }: Props) {
  const [part, setPart] = useState('output');
  const isPinned = node.pinned != null;
  return (
    <div className={classes.output}>
      {isPinned && (
        <section aria-label="Pinned">
          <Notice tone="waiting" icon="pin" title="Pinned: it gives this, and does not run">
            In runs of the draft.
          </Notice>
          <Items value={node.pinned} none="It is pinned to no items." />
        </section>
      )}
      {last === null && !isPinned && (
        <p className={classes.none}>Nothing has gone out yet. “Run to here” shows what it gives.</p>
      )}
      {last !== null && (
        <>
          <div className={classes.standing}>
            <StatusBadge status={last.step.status} copied={last.step.copied} />
            <Iterations {...last} />
          </div>
          <StepParts
            key={last.step.id}
            run={last.run}
            state={last.step}
            tab={part}
            onTab={setPart}
          />
        </>
      )}
    </div>
  );
}
