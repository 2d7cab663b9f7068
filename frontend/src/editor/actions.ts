/** What can be done in the editor: one object a deed, shared by buttons, keys and the command bar. */

import type { Json } from '../api/types';
import type { Editor } from './Editor';
import { removeChosen } from '../graph/chosen';
import { pasted, pieceIn, copied, type Piece } from '../graph/clipboard';
import {
  change,
  disconnect,
  nodeOf,
  removeAndReconnect,
  toggleDisabled,
  type CodeFields,
  type Place,
} from '../graph/edits';
import { notesOf } from '../graph/notes';
import { action, everywhere, type Action } from './action';
import { arrangeActions } from './arrangeActions';
import { markActions } from './markActions';
import { viewActions, type ViewDeeds } from './viewActions';

export interface Deeds extends ViewDeeds {
  /** Ask for a node type to add behind what is selected. */
  add: () => void;
  rename: () => void;
  /** Show a node over the canvas: what came in, its form, and what went out. */
  open: (node: string) => void;
  /** Let the keyboard go on at the first field of the node that is selected. */
  edit: () => void;
  /** The middle of what is seen of the canvas. */
  middle: () => Place;
  /** Ask to what an edge from a node is to lead. */
  connect: (node: string) => void;
  /** Lay out these nodes anew. */
  tidy: (nodes: ReadonlySet<string>) => void;
  run: () => void;
  /** Ask what the trigger is to give, and run the draft. */
  runWith: () => void;
  runTo: (node: string) => void;
  /** Run one step on what a run gave; null where none is shown. */
  runAlone: ((node: string) => void) | null;
  /** Whether the one node that is selected does more than make items of items. */
  hasEffects: boolean;
  /** Run the draft from a node on, on what a run gave; null where none is shown. */
  runFrom: ((node: string) => void) | null;
  /** Ask for a retry of the run that is shown; null where it cannot be retried from the node. */
  retryFrom: ((node: string) => void) | null;
  /** Choose a run to show. */
  showRun: () => void;
  /** What the one node that is selected gave in the run that is shown. */
  output: Json;
  /** Keep the draft as a version. */
  keep: () => void;
  publish: () => void;
  /** Show how the workflow as a whole runs. */
  settings: () => void;
  /** Show all deeds by name. */
  command: () => void;
}

/** The deeds as they are possible now. */
export function actionsOf(editor: Editor, codeOf: CodeFields, deeds: Deeds): Action[] {
  const { graph, history, nodes, edges, notes } = editor.state;
  const chosen = { nodes, notes };
  const some = nodes.size > 0;
  const any = some || notes.size > 0;
  const [only = ''] = nodes.size === 1 ? nodes : [];
  const one = only !== '';
  const { runAlone, runFrom, retryFrom, output } = deeds;
  const pinned = nodeOf(graph, only)?.pinned ?? null;
  const [undo, redo] = [history.past.at(-1), history.future.at(-1)];
  return [
    action('add', 'Add a node', ['N', '/'], true, deeds.add),
    action('undo', `Undo${of(undo?.label)}`, ['mod+Z'], undo !== undefined, () => editor.undo()),
    action('redo', `Redo${of(redo?.label)}`, ['mod+shift+Z', 'mod+Y'], redo !== undefined, () =>
      editor.redo(),
    ),
    action('delete', 'Delete', ['Delete', 'Backspace'], any || edges.size > 0, () =>
      editor.edit({ label: 'Delete' }, (before) => disconnect(removeChosen(before, chosen), edges)),
    ),
    action('deleteReconnect', 'Delete and reconnect', ['mod+Delete', 'mod+Backspace'], some, () =>
      editor.edit({ label: 'Delete and reconnect' }, (before) => removeAndReconnect(before, nodes)),
    ),
    action('duplicate', 'Duplicate', ['mod+D'], any, () => {
      const piece = pieceIn(copied(graph, chosen));
      if (piece !== null) paste(editor, codeOf, piece, 'Duplicate');
    }),
    action('disable', 'Disable or enable', ['D'], some, () =>
      editor.edit({ label: 'Disable or enable' }, (before) => toggleDisabled(before, nodes)),
    ),
    action('open', 'Open it wide: input, form and output', ['W'], one, () => deeds.open(only)),
    action('edit', 'Edit its parameters', ['E'], one, deeds.edit),
    action('rename', 'Rename', ['F2'], one, deeds.rename),
    action('selectAll', 'Select all', ['mod+A'], graph.nodes.length > 0, () =>
      editor.select(
        graph.nodes.map(({ id }) => id),
        [],
        notesOf(graph).map(({ id }) => id),
      ),
    ),
    ...markActions(editor, deeds.middle),
    ...arrangeActions(editor, deeds.tidy),
    ...viewActions(editor.state, deeds),
    action('connect', 'Connect to…', ['C'], one, () => deeds.connect(only)),
    action(
      'pin',
      pinned === null ? 'Pin what it gave' : 'Unpin',
      ['P'],
      pinned !== null || output !== null,
      () =>
        editor.edit({ label: pinned === null ? 'Pin' : 'Unpin' }, (before) =>
          change(before, only, { pinned: pinned === null ? output : null }),
        ),
    ),
    action('runTo', 'Run to here', [], one, () => deeds.runTo(only)),
    action(
      'runAlone',
      `Run this step alone${deeds.hasEffects ? ': repeats its effects' : ''}`,
      [],
      one && runAlone !== null,
      () => runAlone?.(only),
    ),
    action('runFrom', 'Run the draft from here', [], one && runFrom !== null, () =>
      runFrom?.(only),
    ),
    action('retryFrom', 'Retry the run from here…', [], one && retryFrom !== null, () =>
      retryFrom?.(only),
    ),
    action('showRun', 'Show a run…', ['R'], true, deeds.showRun),
    everywhere(action('run', 'Run the draft', ['mod+Enter'], graph.nodes.length > 0, deeds.run)),
    everywhere(
      action(
        'runWith',
        'Run with input…',
        ['mod+shift+Enter'],
        graph.nodes.length > 0,
        deeds.runWith,
      ),
    ),
    action('settings', 'Workflow settings', [','], true, deeds.settings),
    action('command', 'Commands…', ['mod+K'], true, deeds.command),
    everywhere(action('keep', 'Keep as a version…', ['mod+S'], graph.nodes.length > 0, deeds.keep)),
    action('publish', 'Publish…', [], graph.nodes.length > 0, deeds.publish),
  ];
}

/** Puts what was copied into the graph, and selects it. */
export function paste(editor: Editor, codeOf: CodeFields, piece: Piece, label: string): void {
  const { graph, nodes, notes } = pasted(editor.state.graph, piece, codeOf);
  editor.edit({ label, select: { nodes, notes } }, () => graph);
}

function of(label: string | undefined): string {
  return label === undefined ? '' : `: ${label.toLowerCase()}`;
}
