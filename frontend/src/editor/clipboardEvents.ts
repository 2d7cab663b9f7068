import type { ClipboardEvent } from 'react';
import { copied, pieceIn } from '../graph/clipboard';
import { removeChosen } from '../graph/chosen';
import type { CodeFields } from '../graph/edits';
import { paste } from './actions';
import type { Editor } from './Editor';

/** Copy, cut and paste by the browser's own clipboard events, which need no permission. */
export function clipboardOf(editor: Editor, codeOf: CodeFields) {
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
      const piece = pieceIn(event.clipboardData.getData('text/plain'));
      if (piece === null) return;
      event.preventDefault();
      paste(editor, codeOf, piece, 'Paste');
    },
  };
}

function isTyping(target: EventTarget): boolean {
  return (
    target instanceof HTMLElement && target.closest('input, textarea, [contenteditable]') !== null
  );
}
