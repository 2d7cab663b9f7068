import { NodeResizer, NodeToolbar, type NodeProps } from '@xyflow/react';
import { memo } from 'react';
import classes from '../canvas/marks.module.css';
import type { NoteNodeType } from '../canvas/nodes';
import { NoteText } from '../canvas/NoteNode';
import { changeNotes, LEAST_NOTE } from '../graph/notes';
import { useEditing } from './context';
import { MarkTools } from './MarkTools';

const LONGEST = 20_000;
const [MIN_WIDTH, MIN_HEIGHT] = LEAST_NOTE;

/** A sticky note to be moved, resized and written on. */
export const EditedNote = memo(function EditedNote(props: NodeProps<NoteNodeType>) {
  const { data, selected, dragging } = props;
  const { note, isWritten } = data;
  const color = note.color ?? 'yellow';
  return (
    <div
      className={`${classes.note} ${classes.movable}`}
      data-color={color}
      data-selected={selected || undefined}
    >
      <NodeResizer isVisible={selected} minWidth={MIN_WIDTH} minHeight={MIN_HEIGHT} />
      <NodeToolbar align="start" isVisible={selected && !dragging ? undefined : false}>
        <MarkTools color={color} deeds={['writeNote', 'delete']} />
      </NodeToolbar>
      {isWritten ? (
        <Writing id={note.id} text={note.text} />
      ) : note.text.trim() === '' ? (
        <div className={classes.text}>
          <p className={classes.quiet}>Double-click to write.</p>
        </div>
      ) : (
        <NoteText text={note.text} />
      )}
    </div>
  );
});

function Writing({ id, text }: { id: string; text: string }) {
  const { editor } = useEditing();
  return (
    <textarea
      className={`${classes.writing} nodrag nopan nowheel`}
      aria-label="Text of the note, in Markdown"
      autoFocus
      maxLength={LONGEST}
      defaultValue={text}
      onChange={({ currentTarget: { value } }) =>
        editor.edit({ label: 'Write a note', kind: `note ${id}` }, (graph) =>
          changeNotes(graph, new Set([id]), () => ({ text: value })),
        )
      }
      onBlur={() => editor.write(null)}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === 'Escape') editor.write(null);
      }}
    />
  );
}
