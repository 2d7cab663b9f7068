/** What can be done with where things lie. */

import { aligned, distributed, LINES } from '../graph/align';
import { shift } from '../graph/chosen';
import { GRID, type Place } from '../graph/edits';
import { action, type Action } from './action';
import type { Editor } from './Editor';

const NUDGES: [key: string, direction: string, by: Place][] = [
  ['ArrowLeft', 'left', [-GRID, 0]],
  ['ArrowRight', 'right', [GRID, 0]],
  ['ArrowUp', 'up', [0, -GRID]],
  ['ArrowDown', 'down', [0, GRID]],
];

/** `tidy` lays out these nodes anew. */
export function arrangeActions(
  editor: Editor,
  tidy: (nodes: ReadonlySet<string>) => void,
): Action[] {
  const { graph, nodes, notes } = editor.state;
  const chosen = { nodes, notes };
  const count = nodes.size + notes.size;
  const isPart = nodes.size > 1;
  return [
    action(
      'tidy',
      isPart && nodes.size < graph.nodes.length ? 'Tidy up what is selected' : 'Tidy up',
      ['shift+alt+T'],
      graph.nodes.length > 1,
      () => tidy(isPart ? nodes : new Set(graph.nodes.map(({ id }) => id))),
    ),
    ...LINES.map((to) =>
      action(`align-${to}`, `Align: ${to}`, [], count > 1, () =>
        editor.edit({ label: 'Align' }, (before) => aligned(before, chosen, to)),
      ),
    ),
    ...(['across', 'down'] as const).map((axis) =>
      action(`distribute-${axis}`, `Distribute: ${axis}`, [], count > 2, () =>
        editor.edit({ label: 'Distribute' }, (before) => distributed(before, chosen, axis)),
      ),
    ),
    ...NUDGES.map(([key, direction, by]) =>
      action(`nudge-${direction}`, `Move ${direction}`, [`shift+${key}`], count > 0, () =>
        editor.edit({ label: 'Move', kind: `nudge ${direction}` }, (before) =>
          shift(before, chosen, by),
        ),
      ),
    ),
  ];
}
