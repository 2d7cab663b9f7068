import { useComputedColorScheme } from '@mantine/core';
import {
  Background,
  Controls,
  MiniMap,
  ReactFlow,
  SelectionMode,
  useReactFlow,
  useStore,
  type Connection,
  type EdgeChange,
  type FinalConnectionState,
  type NodeChange,
} from '@xyflow/react';
import {
  useCallback,
  useEffect,
  useEffectEvent,
  useMemo,
  useState,
  type KeyboardEvent,
} from 'react';
import type { Graph, GraphEdge } from '../api/types';
import { BackEdge } from '../canvas/BackEdge';
import { FlowNode, type FlowNodeType } from '../canvas/FlowNode';
import classes from '../canvas/RunGraph.module.css';
import { FAR_ZOOM, FIT, isInView, PHONE_PX, viewAround } from '../canvas/view';
import { connect, GRID, move, nodeOf, type Place } from '../graph/edits';
import { BOX_HEIGHT } from '../graph/types';
import type { Spot } from './added';
import { useEditing, useEditorState } from './context';
import { flowEdges, flowNode, type Marks } from './flow';

const NODE_TYPES = { flow: FlowNode };
const EDGE_TYPES = { back: BackEdge };
const SNAP: [number, number] = [GRID, GRID];
const UNMARKED = { hideAttribution: true };
const NONE: ReadonlyMap<string, Place> = new Map();

function leadsOn({ source, target }: { source: string; target: string }): boolean {
  return source !== target;
}

interface Props {
  /** What is shown of each node beside itself. */
  marks: (id: string) => Marks;
  items: (edge: GraphEdge) => number;
  /** A connection was let go where nothing is: something is to be put there. */
  onAsk: (spot: Spot) => void;
}

/** The graph to be edited with the mouse: moved, connected, selected. */
export function EditCanvas({ marks, items, onAsk }: Props) {
  const { editor } = useEditing();
  const { graph, nodes: selected, edges: selectedEdges } = useEditorState();
  const [dragged, setDragged] = useState<ReadonlyMap<string, Place>>(NONE);
  const scheme = useComputedColorScheme('light');
  const isNarrow = useStore(({ width }) => width < PHONE_PX);
  const isFar = useStore(({ transform: [, , zoom] }) => zoom < FAR_ZOOM);
  const { screenToFlowPosition } = useReactFlow();
  useInView(graph, selected);
  const atRest = useMemo(
    () =>
      graph.nodes.map((node) =>
        flowNode(node, { ...marks(node.id), isSelected: selected.has(node.id) }),
      ),
    [graph.nodes, marks, selected],
  );
  // Each move of the mouse comes here: of a large graph only what is dragged may be made anew.
  const nodes = useMemo(
    () => (dragged.size === 0 ? atRest : atRest.map((node) => inMotion(node, dragged))),
    [atRest, dragged],
  );
  const edges = useMemo(
    () => flowEdges(graph.nodes, graph.edges, selectedEdges, items),
    [graph.nodes, graph.edges, selectedEdges, items],
  );

  // React Flow tells all that it draws of each of these that is new: they stay the same.
  const takeNodes = useCallback(
    (changes: NodeChange<FlowNodeType>[]) => {
      const places = new Map<string, Place>();
      const ids = new Set(editor.state.nodes);
      let isDropped = false;
      for (const each of changes) {
        if (each.type === 'select') mark(ids, each);
        if (each.type !== 'position') continue;
        if (each.position !== undefined) places.set(each.id, [each.position.x, each.position.y]);
        isDropped ||= each.dragging === false;
      }
      editor.select(ids, editor.state.edges);
      if (isDropped) {
        editor.edit({ label: 'Move' }, (before) => move(before, places));
        setDragged(NONE);
      } else if (places.size > 0) {
        setDragged(places);
      }
    },
    [editor],
  );
  const takeEdges = useCallback(
    (changes: EdgeChange[]) => {
      const ids = new Set(editor.state.edges);
      for (const each of changes) {
        if (each.type === 'select') mark(ids, each);
      }
      editor.select(editor.state.nodes, ids);
    },
    [editor],
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
  const selectFocused = ({ key, target }: KeyboardEvent) => {
    const node = key === 'Enter' && target instanceof HTMLElement ? target.dataset.id : undefined;
    if (node !== undefined && graph.nodes.some(({ id }) => id === node)) editor.select([node]);
  };
  return (
    <div className={classes.frame} data-far={isFar || undefined} onKeyDown={selectFocused}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        colorMode={scheme}
        minZoom={0.05}
        fitView
        fitViewOptions={FIT}
        snapToGrid
        snapGrid={SNAP}
        selectionMode={SelectionMode.Partial}
        multiSelectionKeyCode="Shift"
        selectionKeyCode="Shift"
        deleteKeyCode={null}
        // Arrow keys walk the graph; what moves is one of the editor's deeds.
        disableKeyboardA11y
        elevateEdgesOnSelect
        onlyRenderVisibleElements={nodes.length > 200}
        onNodesChange={takeNodes}
        onEdgesChange={takeEdges}
        onConnect={draw}
        onConnectEnd={askWhereItEnded}
        isValidConnection={leadsOn}
        proOptions={UNMARKED}
      >
        <Background gap={20} />
        {!isNarrow && <MiniMap pannable zoomable ariaLabel="Map of the graph" />}
        <Controls showInteractive={false} fitViewOptions={FIT} position="bottom-left" />
      </ReactFlow>
    </div>
  );
}

function inMotion(node: FlowNodeType, dragged: ReadonlyMap<string, Place>): FlowNodeType {
  const place = dragged.get(node.id);
  if (place === undefined) return node;
  return { ...node, position: { x: place[0], y: place[1] }, dragging: true };
}

function edgeOf({ source, sourceHandle, target, targetHandle }: Connection): GraphEdge {
  return {
    source,
    source_output: sourceHandle ?? 'main',
    target,
    target_input: targetHandle ?? 'main',
  };
}

function mark(ids: Set<string>, { id, selected }: { id: string; selected: boolean }): void {
  if (selected) ids.add(id);
  else ids.delete(id);
}

/** Keeps the one node that is selected in sight, also where a panel opens beside it. */
function useInView(graph: Graph, selected: ReadonlySet<string>): void {
  const { getViewport, setViewport } = useReactFlow();
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  const [only = null] = selected.size === 1 ? selected : [];
  const show = useEffectEvent(() => {
    const [x, y] = (only === null ? undefined : nodeOf(graph, only)?.position) ?? [];
    const view = getViewport();
    if (x === undefined || y === undefined || width === 0) return;
    if (isInView({ x, y }, { width, height }, view)) return;
    void setViewport(viewAround({ x, y }, { width, height }, view.zoom), { duration: PAN_MS });
  });
  useEffect(() => show(), [only, width, height]);
}

const PAN_MS = 200;

/** Let the keyboard, and who listens, go on at a node. */
export function focusNode(id: string): void {
  document.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(id)}"]`)?.focus();
}
