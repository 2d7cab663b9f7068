import {
  useReactFlow,
  useStoreApi,
  type Connection,
  type EdgeChange,
  type FinalConnectionState,
  type NodeChange,
} from '@xyflow/react';
import { useHotkeys } from '@mantine/hooks';
import { useCallback, useRef, useState } from 'react';
import type { GraphEdge } from '../api/types';
import { ofKey, type CanvasNode } from '../canvas/nodes';
import { connect, edgeId, nodeOf } from '../graph/edits';
import { groupsOf } from '../graph/groups';
import { BOX_HEIGHT } from '../graph/types';
import type { Spot } from './added';
import { useEditing } from './context';
import { holding, NOTHING_HELD, putDown } from './held';

/**
 * What the mouse, a finger and Enter do to the graph, and what is held meanwhile. React Flow tells
 * all that it draws of each handler that is new: they stay the same.
 */
export function useGestures(onAsk: (spot: Spot) => void, onOpen: (node: string) => void) {
  const { editor } = useEditing();
  const { screenToFlowPosition } = useReactFlow();
  const store = useStoreApi();
  const [held, setHeld] = useState(NOTHING_HELD);
  const inHand = useRef(NOTHING_HELD);

  const takeNodes = useCallback(
    (changes: NodeChange<CanvasNode>[]) => {
      const { nodes, edges, notes, graph } = editor.state;
      const ids = { node: new Set(nodes), note: new Set(notes), group: new Set<string>() };
      for (const each of changes) {
        if (each.type !== 'select') continue;
        const { kind, id } = ofKey(each.id);
        mark(ids[kind], id, each.selected);
      }
      editor.select(ids.node, edges, ids.note);
      const next = holding(inHand.current, changes, graph);
      if (next.isLetGo) {
        const label = next.held.sizes.size > 0 ? 'Resize' : 'Move';
        editor.edit({ label }, (before) => putDown(before, next.held));
      }
      inHand.current = next.isLetGo ? NOTHING_HELD : next.held;
      setHeld(inHand.current);
    },
    [editor],
  );
  const takeEdges = useCallback(
    (changes: EdgeChange[]) => {
      const ids = new Set(editor.state.edges);
      for (const each of changes) {
        if (each.type === 'select') mark(ids, each.id, each.selected);
      }
      editor.select(editor.state.nodes, ids, editor.state.notes);
    },
    [editor],
  );
  /** A group is its nodes: who chooses its frame has chosen these. */
  const choose = useCallback(
    (key: string) => {
      const { graph } = editor.state;
      const { kind, id } = ofKey(key);
      const group = groupsOf(graph).find((each) => kind === 'group' && each.id === id);
      if (group !== undefined) editor.select(group.nodes);
      else if (kind === 'note') editor.select([], [], [id]);
      else if (nodeOf(graph, id) !== undefined) editor.select([id]);
      else if (graph.edges.some((edge) => edgeId(edge) === id)) editor.select([], [id]);
    },
    [editor],
  );
  const write = useCallback(
    (_event: unknown, { id: key }: CanvasNode) => {
      const { kind, id } = ofKey(key);
      if (kind === 'node') onOpen(id);
      else editor.write({ kind, id });
    },
    [editor, onOpen],
  );
  /** Enter: what is not selected is; a node that is is opened, and a note that is is written on. */
  const enter = useCallback(
    (key: string) => {
      const { kind, id } = ofKey(key);
      const { nodes, notes } = editor.state;
      if (kind === 'note' && notes.has(id)) editor.write({ kind, id });
      else if (kind === 'node' && nodes.has(id) && nodes.size === 1) onOpen(id);
      else choose(key);
    },
    [editor, choose, onOpen],
  );
  /** An edge that was begun with a click or a tap at a handle leads nowhere. */
  const letGo = useCallback(() => store.setState({ connectionClickStartHandle: null }), [store]);
  useHotkeys([['Escape', letGo, { preventDefault: false }]], []);
  const click = useCallback(
    (_event: unknown, { id, type }: CanvasNode) => {
      letGo();
      if (type === 'frame') choose(id);
    },
    [choose, letGo],
  );
  const draw = useCallback(
    (made: Connection) => editor.edit({ label: 'Connect' }, (g) => connect(g, edgeOf(made))),
    [editor],
  );
  const askWhereItEnded = useCallback(
    (event: MouseEvent | TouchEvent, end: FinalConnectionState) => {
      const { fromNode, fromHandle, toHandle, toNode } = end;
      if (toHandle !== null || fromHandle?.type !== 'source' || fromNode === null) return;
      const point = 'changedTouches' in event ? event.changedTouches[0] : event;
      if (point === undefined || toNode !== null) return;
      const { x, y } = screenToFlowPosition({ x: point.clientX, y: point.clientY });
      onAsk({
        behind: fromNode.id,
        output: fromHandle.id ?? 'main',
        at: [x, y - BOX_HEIGHT / 2],
      });
    },
    [onAsk, screenToFlowPosition],
  );
  return {
    held,
    onEnter: enter,
    handlers: {
      onNodesChange: takeNodes,
      onEdgesChange: takeEdges,
      onNodeClick: click,
      onNodeDoubleClick: write,
      onConnect: draw,
      onConnectEnd: askWhereItEnded,
    },
  };
}

function edgeOf({ source, sourceHandle, target, targetHandle }: Connection): GraphEdge {
  return {
    source,
    source_output: sourceHandle ?? 'main',
    target,
    target_input: targetHandle ?? 'main',
  };
}

function mark(ids: Set<string>, id: string, isSelected: boolean): void {
  if (isSelected) ids.add(id);
  else ids.delete(id);
}
