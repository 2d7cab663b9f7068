/** What stands on the canvas: nodes, and sticky notes and frames around groups behind them. */

import type { Node } from '@xyflow/react';
import type { NodeGroup, StickyNote } from '../api/types';
import { BOX_HEIGHT, BOX_WIDTH, type Area, type Box } from '../graph/types';
import type { FlowNodeType } from './FlowNode';
import { handlesOf } from './handles';

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

/** A size as React Flow takes it, which measures then nothing. */
export function sized(width: number, height: number) {
  return { width, height, measured: { width, height } };
}

/** What stands there of a node of the graph, whatever is shown of it. */
export function boxNode(box: Box, isConnectable: boolean) {
  return {
    id: box.id,
    type: 'flow' as const,
    position: { x: box.x, y: box.y },
    ...sized(BOX_WIDTH, BOX_HEIGHT),
    handles: handlesOf(box, isConnectable),
  };
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
    ...sized(width, height),
    handles: [],
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
    ...sized(width, height),
    handles: [],
    zIndex: -2,
    selectable: false,
    connectable: false,
    style: { pointerEvents: 'none' },
    ariaLabel: `Group “${group.name}”, ${length} ${length === 1 ? 'node' : 'nodes'}`,
    data: { group, isWritten: isWritten ?? false, isChosen: isSelected ?? false },
  };
}
