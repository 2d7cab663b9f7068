/** What can be done in the editor: one object a deed, shared by buttons, keys and the command bar. */

import type { Editor } from './Editor';
import { pasted, pieceIn, copied, type Piece } from '../graph/clipboard';
import {
  disconnect,
  remove,
  removeAndReconnect,
  toggleDisabled,
  type CodeFields,
} from '../graph/edits';
import { tidied } from '../graph/layout';

export interface Action {
  id: string;
  label: string;
  /** As `useHotkeys` reads them. */
  keys: string[];
  isPossible: boolean;
  run: () => void;
}

export interface Deeds {
  /** Ask for a node type to add behind what is selected. */
  add: () => void;
  rename: () => void;
  fit: () => void;
  run: () => void;
  publish: () => void;
  /** Show all deeds by name. */
  command: () => void;
}

/** The deeds as they are possible now. */
export function actionsOf(editor: Editor, codeOf: CodeFields, deeds: Deeds): Action[] {
  const { graph, history, nodes, edges } = editor.state;
  const some = nodes.size > 0;
  const one = nodes.size === 1;
  const [undo, redo] = [history.past.at(-1), history.future.at(-1)];
  return [
    action('add', 'Add a node', ['N', '/'], true, deeds.add),
    action('undo', `Undo${of(undo?.label)}`, ['mod+Z'], undo !== undefined, () => editor.undo()),
    action('redo', `Redo${of(redo?.label)}`, ['mod+shift+Z', 'mod+Y'], redo !== undefined, () =>
      editor.redo(),
    ),
    action('delete', 'Delete', ['Delete', 'Backspace'], some || edges.size > 0, () =>
      editor.edit({ label: 'Delete' }, (before) => disconnect(remove(before, nodes), edges)),
    ),
    action('deleteReconnect', 'Delete and reconnect', ['mod+Delete', 'mod+Backspace'], some, () =>
      editor.edit({ label: 'Delete and reconnect' }, (before) => removeAndReconnect(before, nodes)),
    ),
    action('duplicate', 'Duplicate', ['mod+D'], some, () => {
      const piece = pieceIn(copied(graph, nodes));
      if (piece !== null) paste(editor, codeOf, piece, 'Duplicate');
    }),
    action('disable', 'Disable or enable', ['D'], some, () =>
      editor.edit({ label: 'Disable or enable' }, (before) => toggleDisabled(before, nodes)),
    ),
    action('rename', 'Rename', ['F2'], one, deeds.rename),
    action('selectAll', 'Select all', ['mod+A'], graph.nodes.length > 0, () =>
      editor.select(graph.nodes.map(({ id }) => id)),
    ),
    action('tidy', 'Tidy up', ['shift+alt+T'], graph.nodes.length > 1, () =>
      editor.edit({ label: 'Tidy up' }, tidied),
    ),
    action('fit', 'Show all', ['1'], graph.nodes.length > 0, deeds.fit),
    action('run', 'Run the draft', ['mod+Enter'], graph.nodes.length > 0, deeds.run),
    action('command', 'Commands…', ['mod+K'], true, deeds.command),
    action('publish', 'Publish…', [], graph.nodes.length > 0, deeds.publish),
  ];
}

/** Puts what was copied into the graph, and selects it. */
export function paste(editor: Editor, codeOf: CodeFields, piece: Piece, label: string): void {
  const { graph, ids } = pasted(editor.state.graph, piece, codeOf);
  editor.edit({ label, select: ids }, () => graph);
}

function action(
  id: string,
  label: string,
  keys: string[],
  isPossible: boolean,
  run: () => void,
): Action {
  return { id, label, keys, isPossible, run };
}

function of(label: string | undefined): string {
  return label === undefined ? '' : `: ${label.toLowerCase()}`;
}
