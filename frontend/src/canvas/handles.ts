/**
 * Where the inputs and outputs of a node are drawn. React Flow is told: what it is not told it draws
 * once, in sight or not, and measures, each time that a node is made anew.
 */

import { Position, type NodeHandle } from '@xyflow/react';
import { BOX_HEIGHT, BOX_WIDTH } from '../graph/types';

/** The diameter of a handle: one that edges can be drawn from is larger. */
export function handleSize(isConnectable: boolean): number {
  return isConnectable ? 11 : 7;
}

/** How far below the node's upper side the middle of one of its handles is. */
export function handleTop(index: number, count: number): number {
  return ((index + 1) / (count + 1)) * BOX_HEIGHT;
}

export function handlesOf(
  { inputs, outputs }: { inputs: string[]; outputs: string[] },
  isConnectable: boolean,
): NodeHandle[] {
  const size = handleSize(isConnectable);
  const along = (names: string[], type: NodeHandle['type'], position: Position, x: number) =>
    names.map((id, index) => ({
      id,
      type,
      position,
      x: x - size / 2,
      y: handleTop(index, names.length) - size / 2,
      width: size,
      height: size,
    }));
  return [
    ...along(inputs, 'target', Position.Left, 0),
    ...along(outputs, 'source', Position.Right, BOX_WIDTH),
  ];
}
