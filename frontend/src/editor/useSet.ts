import type { GraphNode } from '../api/types';
import { change } from '../graph/edits';
import { useEditing } from './context';

/** Sets members of a node, as one edit that is undone as the change of `what`. */
export function useSet(node: GraphNode): (members: Partial<GraphNode>, what: string) => void {
  const { editor } = useEditing();
  return (members, what) =>
    editor.edit({ label: `Change ${what}`, kind: `${node.id} ${what}` }, (graph) =>
      change(graph, node.id, members),
    );
}
