/** What can be done with what is seen: walk, zoom, read. */

import { stepFrom, type Direction } from '../graph/walk';
import { action, type Action } from './action';
import type { EditorState } from './Editor';

export interface ViewDeeds {
  fit: () => void;
  zoom: (how: 'in' | 'out' | 'full') => void;
  /** Show a node as the one that is selected. */
  show: (node: string) => void;
  outline: () => void;
}

const WALKS: [key: string, Direction][] = [
  ['ArrowLeft', 'left'],
  ['ArrowRight', 'right'],
  ['ArrowUp', 'up'],
  ['ArrowDown', 'down'],
];

export function viewActions({ graph, nodes }: EditorState, deeds: ViewDeeds): Action[] {
  const isSome = graph.nodes.length > 0;
  const [only = ''] = nodes.size === 1 ? nodes : [];
  return [
    action('fit', 'Show all', ['1'], isSome, deeds.fit),
    action('zoomIn', 'Zoom in', ['[plus]', 'shift+[plus]', '='], true, () => deeds.zoom('in')),
    action('zoomOut', 'Zoom out', ['-'], true, () => deeds.zoom('out')),
    action('zoomFull', 'Zoom to 100 %', ['0'], true, () => deeds.zoom('full')),
    action('outline', 'Outline: nodes as a list', ['O'], isSome, deeds.outline),
    ...WALKS.map(([key, direction]) =>
      action(`go-${direction}`, `Go ${direction}`, [key], isSome, () => {
        const next = stepFrom(graph, only, direction);
        if (next !== null) deeds.show(next);
      }),
    ),
  ];
}
