/** What can be done with sticky notes and groups. */

import { COLORS, type Color, type Graph } from '../api/types';
import { areasOf, type Chosen } from '../graph/chosen';
import type { Place } from '../graph/edits';
import { changeGroup, dissolved, grouped, groupsAround } from '../graph/groups';
import { changeNotes, NOTE_SIZE, withNote } from '../graph/notes';
import { action, type Action } from './action';
import type { Editor } from './Editor';

const GAP = 20;

/** `middle` is that of what is seen of the canvas. */
export function markActions(editor: Editor, middle: () => Place): Action[] {
  const { graph, nodes, notes } = editor.state;
  const around = groupsAround(graph, nodes);
  const [note = ''] = nodes.size === 0 && notes.size === 1 ? notes : [];
  const [group] = around.length === 1 ? around : [];
  return [
    action('note', 'Add a note', ['S'], true, () => {
      const made = withNote(graph, placeFor(graph, { nodes, notes: new Set() }, middle));
      editor.edit({ label: 'Add a note', select: { notes: [made.id] } }, () => made.graph);
      editor.write({ kind: 'note', id: made.id });
    }),
    action('writeNote', 'Edit the note', ['F2'], note !== '', () =>
      editor.write({ kind: 'note', id: note }),
    ),
    action('group', 'Group', ['mod+G'], nodes.size > 0, () => {
      const made = grouped(graph, nodes);
      editor.edit({ label: 'Group' }, () => made.graph);
      editor.write({ kind: 'group', id: made.id });
    }),
    action('ungroup', 'Ungroup', ['mod+shift+G'], around.length > 0, () =>
      editor.edit({ label: 'Ungroup' }, (before) => dissolved(before, nodes)),
    ),
    action('nameGroup', 'Rename the group', ['shift+F2'], group !== undefined, () => {
      if (group !== undefined) editor.write({ kind: 'group', id: group.id });
    }),
    ...COLORS.map((color) =>
      action(`color-${color}`, `Colour ${color}`, [], notes.size > 0 || around.length > 0, () =>
        editor.edit({ label: 'Colour' }, (before) => colored(before, { nodes, notes }, color)),
      ),
    ),
  ];
}

/** Above what is selected, or in the middle of what is seen. */
function placeFor(graph: Graph, chosen: Chosen, middle: () => Place): Place {
  const areas = areasOf(graph, chosen).map(({ area }) => area);
  const [width, height] = NOTE_SIZE;
  if (areas.length === 0) {
    const [x, y] = middle();
    return [x - width / 2, y - height / 2];
  }
  const [left, top] = [Math.min(...areas.map(({ x }) => x)), Math.min(...areas.map(({ y }) => y))];
  return [left, top - height - GAP];
}

/** The notes in a colour, and the groups that the nodes are in. */
function colored(graph: Graph, { nodes, notes }: Chosen, color: Color): Graph {
  return groupsAround(graph, nodes).reduce(
    (before, { id }) => changeGroup(before, id, { color }),
    changeNotes(graph, notes, () => ({ color })),
  );
}
