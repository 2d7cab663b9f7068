/** What is drawn of a graph: boxes with named inputs and outputs, and lines between them. */

import type { NodeGroup, StickyNote } from '../api/types';

export interface Box {
  id: string;
  name: string;
  type: string;
  disabled: boolean;
  inputs: string[];
  outputs: string[];
  x: number;
  y: number;
}

export interface Line {
  id: string;
  source: string;
  sourceOutput: string;
  target: string;
  targetInput: string;
  /** Of a line that leads back: the height at which it passes by the boxes between its ends. */
  detour: number | null;
}

export interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Drawing {
  boxes: Box[];
  lines: Line[];
  notes: StickyNote[];
  frames: { group: NodeGroup; area: Area }[];
}

export const BOX_WIDTH = 208;
export const BOX_HEIGHT = 60;
/** How far from the boxes a line passes by. */
export const DETOUR = 28;
