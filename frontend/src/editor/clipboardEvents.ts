import type { ClipboardEvent } from 'react';
import { copied, pieceIn } from '../graph/clipboard';
import { removeChosen } from '../graph/chosen';
import type { CodeFields } from '../graph/edits';
import { isN8n } from '../graph/n8n';
import { paste } from './actions';
import type { Editor } from './Editor';

/**
 * Copy, cut and paste by the browser's own clipboard events, which need no permission. What n8n
 * copied is given to `pasteN8n`.
 */
export function clipboardOf(editor: Editor, codeOf: CodeFields, pasteN8n: (text: string) => void) {
  const copy = (event: ClipboardEvent): boolean => {
    const { graph, nodes, notes } = editor.state;
    if (nodes.size + notes.size === 0 || isTyping(event.target)) return false;
    event.clipboardData.setData('text/plain', copied(graph, { nodes, notes }));
    event.preventDefault();
    return true;
  };
  return {
    onCopy: (event: ClipboardEvent) => void copy(event),
    onCut: (event: ClipboardEvent) => {
      if (!copy(event)) return;
      const chosen = editor.state;
      editor.edit({ label: 'Cut' }, (before) => removeChosen(before, chosen));
    },
    onPaste: (event: ClipboardEvent) => {
      if (isTyping(event.target)) return;
      const text = event.clipboardData.getData('text/plain');
      const piece = pieceIn(text);
      if (piece !== null) paste(editor, codeOf, piece, 'Paste');
      else if (isN8n(text)) pasteN8n(text);
      else return;
      event.preventDefault();
    },
  };
}

function isTyping(target: EventTarget): boolean {
  return (
    target instanceof HTMLElement && target.closest('input, textarea, [contenteditable]') !== null
  );
}
