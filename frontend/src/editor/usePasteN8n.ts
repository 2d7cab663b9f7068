import { useMutation } from '@tanstack/react-query';
import type { Graph } from '../api/types';
import { pasted } from '../graph/clipboard';
import type { CodeFields, Place } from '../graph/edits';
import { convertN8n } from '../interchange/queries';
import type { Editor } from './Editor';

/** Pastes what was copied in n8n, once the server has said what it is here. */
export function usePasteN8n(
  editor: Editor,
  codeOf: CodeFields,
  workspace: string,
  middle: () => Place,
) {
  return useMutation({
    mutationFn: (text: string) => convertN8n(text, workspace),
    onSuccess: ({ graph: { nodes, edges, sticky_notes = [], settings } }) => {
      const before = editor.state.graph;
      const piece = { nodes, edges, sticky_notes, groups: [] };
      const { graph, ...select } = pasted(before, piece, codeOf, middle());
      // An empty workflow becomes what is pasted: also its order and its time zone.
      const whole: Graph =
        before.nodes.length === 0
          ? { ...graph, settings: { ...graph.settings, ...settings } }
          : graph;
      editor.edit({ label: 'Paste from n8n', select }, () => whole);
    },
  });
}
