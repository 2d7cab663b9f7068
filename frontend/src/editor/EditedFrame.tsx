import { NodeToolbar, type NodeProps } from '@xyflow/react';
import { memo } from 'react';
import classes from '../canvas/marks.module.css';
import type { FrameNodeType } from '../canvas/nodes';
import { changeGroup } from '../graph/groups';
import { useEditing } from './context';
import { MarkTools } from './MarkTools';

/** All else of a frame lets the mouse through to the canvas. */
const TOUCHED = { pointerEvents: 'all' } as const;

/** The frame around a group: its head selects, moves and names it. */
export const EditedFrame = memo(function EditedFrame({ data, dragging }: NodeProps<FrameNodeType>) {
  const { group, isWritten, isChosen } = data;
  const color = group.color ?? 'gray';
  return (
    <div className={classes.group} data-color={color} data-chosen={isChosen || undefined}>
      <NodeToolbar align="start" isVisible={isChosen && !dragging}>
        <MarkTools color={color} deeds={['nameGroup', 'ungroup']} />
      </NodeToolbar>
      <div className={`${classes.head} ${classes.movable}`} style={TOUCHED}>
        {isWritten ? <NameField id={group.id} name={group.name} /> : group.name}
      </div>
    </div>
  );
});

function NameField({ id, name }: { id: string; name: string }) {
  const { editor } = useEditing();
  const commit = (value: string) => {
    const next = value.trim();
    if (next !== '' && next !== name) {
      editor.edit({ label: 'Rename the group' }, (graph) => changeGroup(graph, id, { name: next }));
    }
    editor.write(null);
  };
  return (
    <input
      className="nodrag nopan"
      aria-label="Name of the group"
      autoFocus
      maxLength={128}
      defaultValue={name}
      onFocus={(event) => event.currentTarget.select()}
      onBlur={(event) => commit(event.currentTarget.value)}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === 'Enter') commit(event.currentTarget.value);
        if (event.key === 'Escape') editor.write(null);
      }}
    />
  );
}
