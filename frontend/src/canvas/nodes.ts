/** What stands on the canvas: nodes, and sticky notes and frames around groups behind them. */

import type { Node } from '@xyflow/react';
import type { NodeGroup, StickyNote } from '../api/types';
import type { Area } from '../graph/types';
import type { FlowNodeType } from './FlowNode';

export type NoteNodeType = Node<{ note: StickyNote; isWritten: boolean }, 'note'>;
export type FrameNodeType = Node<
  { group: NodeGroup; isWritten: boolean; isChosen: boolean },
  'frame'
>;
export type CanvasNode = FlowNodeType | NoteNodeType | FrameNodeType;

const NOTE = 'note/';
const FRAME = 'group/';

// Ids of nodes hold no slash.
export const noteKey = (id: string): string => NOTE + id;
export const frameKey = (id: string): string => FRAME + id;

/** What an id on the canvas stands for. */
export function ofKey(key: string): { kind: 'node' | 'note' | 'group'; id: string } {
  if (key.startsWith(NOTE)) return { kind: 'note', id: key.slice(NOTE.length) };
  if (key.startsWith(FRAME)) return { kind: 'group', id: key.slice(FRAME.length) };
  return { kind: 'node', id: key };
}

interface Shown {
  isSelected?: boolean;
  isWritten?: boolean;
}

export function noteNode(note: StickyNote, { isSelected, isWritten }: Shown = {}): NoteNodeType {
  const [line = ''] = note.text.trim().split('\n');
  const [x, y] = note.position;
  const [width, height] = note.size;
  return {
    id: noteKey(note.id),
    type: 'note',
    position: { x, y },
    width,
    height,
    zIndex: -1,
    selected: isSelected ?? false,
    connectable: false,
    ariaLabel: line === '' ? 'Note' : `Note: ${line}`,
    data: { note, isWritten: isWritten ?? false },
  };
}

/** A frame is moved by its head; what lies in it is reached through it. */
export function frameNode(
  group: NodeGroup,
  { x, y, width, height }: Area,
  { isSelected, isWritten }: Shown = {},
): FrameNodeType {
  const { length } = group.nodes;
  return {
    id: frameKey(group.id),
    type: 'frame',
    position: { x, y },
    width,
    height,
    zIndex: -2,
    selectable: false,
    connectable: false,
    style: { pointerEvents: 'none' },
    ariaLabel: `Group “${group.name}”, ${length} ${length === 1 ? 'node' : 'nodes'}`,
    data: { group, isWritten: isWritten ?? false, isChosen: isSelected ?? false },
  };
}
