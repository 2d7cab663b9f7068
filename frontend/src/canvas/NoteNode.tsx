import type { NodeProps } from '@xyflow/react';
import { lazy, memo, Suspense } from 'react';
import classes from './marks.module.css';
import type { NoteNodeType } from './nodes';

/** Loaded where there is a note. Where it cannot be, as after an upgrade, its text is still read. */
const Markdown = lazy(() => import('./Markdown').catch(() => ({ default: Plain })));

/** A sticky note to be read. */
export const NoteNode = memo(function NoteNode({ data: { note } }: NodeProps<NoteNodeType>) {
  return (
    <div className={classes.note} data-color={note.color ?? 'yellow'}>
      <NoteText text={note.text} />
    </div>
  );
});

export function NoteText({ text }: { text: string }) {
  return (
    <div className={classes.text}>
      <Suspense fallback={<Plain>{text}</Plain>}>
        <Markdown>{text}</Markdown>
      </Suspense>
    </div>
  );
}

function Plain({ children }: { children: string }) {
  return <p className={classes.plain}>{children}</p>;
}
