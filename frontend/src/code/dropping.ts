import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { draggedField } from '../items/dragging';
import type { Language } from './languages';
import { partAt } from './template';

/** A field of an item that is dropped here becomes the expression that reads it. */
export function droppable(language: Language): Extension {
  return EditorView.domEventHandlers({
    drop(event, view) {
      const field = draggedField(event.dataTransfer);
      if (field === null || (language !== 'expression' && language !== 'javascript')) return false;
      event.preventDefault();
      const at = view.posAtCoords({ x: event.clientX, y: event.clientY }) ?? view.state.doc.length;
      insertField(view, field, language, at);
      view.focus();
      return true;
    },
  });
}

/** Within code a field stands as it is, in text between braces. */
function insertField(view: EditorView, field: string, language: Language, at: number): void {
  const isCode = language === 'javascript' || partAt(view.state.doc.toString(), at) !== undefined;
  const insert = isCode ? field : `{{ ${field} }}`;
  view.dispatch({
    changes: { from: at, insert },
    selection: { anchor: at + insert.length },
    userEvent: 'input.drop',
  });
}
