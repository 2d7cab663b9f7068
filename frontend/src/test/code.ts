import { EditorView } from '@codemirror/view';
import { screen, waitFor } from '@testing-library/react';

/** The editor of code with this label, once it is loaded. */
export async function editorOf(name: string): Promise<EditorView> {
  return waitFor(() => {
    const view = EditorView.findFromDOM(screen.getByRole('textbox', { name }));
    if (view === null) throw new Error(`${name} is no editor of code yet`);
    return view;
  });
}

/** Writes text at a place, as somebody does who types. */
export function caretIn(view: EditorView, place: number, text: string): void {
  view.focus();
  view.dispatch({
    changes: { from: place, insert: text },
    selection: { anchor: place + text.length },
    userEvent: 'input.type',
  });
}
