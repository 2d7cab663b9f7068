import type { NodeProps } from '@xyflow/react';
import { memo } from 'react';
import classes from './marks.module.css';
import type { FrameNodeType } from './nodes';

/** The frame around a group, with its name. */
export const FrameNode = memo(function FrameNode({ data: { group } }: NodeProps<FrameNodeType>) {
  return (
    <div className={classes.group} data-color={group.color ?? 'gray'}>
      <div className={classes.head}>{group.name}</div>
    </div>
  );
});
