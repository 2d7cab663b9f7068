import { useEffect, useEffectEvent } from 'react';
import { copied, pieceIn } from '../graph/clipboard';
import { removeChosen } from '../graph/chosen';
import { isN8n } from '../graph/n8n';
import { paste } from './actions';
import { useEditing } from './context';
import { reachOf } from './useKeys';

/**
 * Copy, cut and paste by the browser's own clipboard events, which need no permission, wherever they
 * arrive: of a page that was just opened nothing has the focus. What n8n copied is given to
 * `pasteN8n`.
 */
export function useClipboard(pasteN8n: (text: string) => void): void {
  const { editor, codeOf } = useEditing();

  const copy = useEffectEvent((event: ClipboardEvent): boolean => {
    const { graph, nodes, notes } = editor.state;
    // A text that is selected, as of an error, is what is to be copied.
    const isText = window.getSelection()?.isCollapsed === false;
    if (isText || nodes.size + notes.size === 0 || reachOf(event.target) !== 'all') return false;
    event.clipboardData?.setData('text/plain', copied(graph, { nodes, notes }));
    event.preventDefault();
    return true;
  });
  const cut = useEffectEvent((event: ClipboardEvent) => {
    const chosen = editor.state;
    if (copy(event)) editor.edit({ label: 'Cut' }, (before) => removeChosen(before, chosen));
  });
  const take = useEffectEvent((event: ClipboardEvent) => {
    if (reachOf(event.target) !== 'all') return;
    const text = event.clipboardData?.getData('text/plain') ?? '';
    const piece = pieceIn(text);
    if (piece !== null) paste(editor, codeOf, piece, 'Paste');
    else if (isN8n(text)) pasteN8n(text);
    else return;
    event.preventDefault();
  });

  useEffect(() => {
    const page = document.documentElement;
    const onCopy = (event: ClipboardEvent) => void copy(event);
    page.addEventListener('copy', onCopy);
    page.addEventListener('cut', cut);
    page.addEventListener('paste', take);
    return () => {
      page.removeEventListener('copy', onCopy);
      page.removeEventListener('cut', cut);
      page.removeEventListener('paste', take);
    };
  }, []);
}
