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
import { useEffect, useEffectEvent, useMemo, useState, type KeyboardEvent } from 'react';
import type { Graph, GraphEdge } from '../api/types';
import { BackEdge } from '../canvas/BackEdge';
import { FlowNode, type FlowNodeType } from '../canvas/FlowNode';
import classes from '../canvas/RunGraph.module.css';
import { FIT, isInView, PHONE_PX, viewAround } from '../canvas/view';
import { connect, GRID, move, nodeOf, type Place } from '../graph/edits';
import { BOX_HEIGHT } from '../graph/types';
import type { Spot } from './added';
import { useEditing, useEditorState } from './context';
import { flowEdges, flowNode, type Marks } from './flow';

const NODE_TYPES = { flow: FlowNode };
const EDGE_TYPES = { back: BackEdge };
const SNAP: [number, number] = [GRID, GRID];

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
  const [dragged, setDragged] = useState<ReadonlyMap<string, Place>>(new Map());
  const scheme = useComputedColorScheme('light');
  const isNarrow = useStore(({ width }) => width < PHONE_PX);
  const { screenToFlowPosition } = useReactFlow();
  useInView(graph, selected);
  const nodes = useMemo(
    () =>
      graph.nodes.map((node): FlowNodeType => {
        const flow = flowNode(node, { ...marks(node.id), isSelected: selected.has(node.id) });
        const place = dragged.get(node.id);
        return place === undefined
          ? flow
          : { ...flow, position: { x: place[0], y: place[1] }, dragging: true };
      }),
    [graph.nodes, marks, selected, dragged],
  );
  const edges = useMemo(
    () => flowEdges(graph.nodes, graph.edges, selectedEdges, items),
    [graph.nodes, graph.edges, selectedEdges, items],
  );

  const takeNodes = (changes: NodeChange<FlowNodeType>[]) => {
    const places = new Map(dragged);
    const ids = new Set(selected);
    let isDropped = false;
    for (const each of changes) {
      if (each.type === 'select') mark(ids, each);
      if (each.type !== 'position') continue;
      if (each.position !== undefined) places.set(each.id, [each.position.x, each.position.y]);
      isDropped ||= each.dragging === false;
    }
    editor.select(ids, selectedEdges);
    if (isDropped) {
      editor.edit({ label: 'Move' }, (before) => move(before, places));
      setDragged(new Map());
    } else if (places.size > 0) {
      setDragged(places);
    }
  };
  const takeEdges = (changes: EdgeChange[]) => {
    const ids = new Set(selectedEdges);
    for (const each of changes) {
      if (each.type === 'select') mark(ids, each);
    }
    editor.select(editor.state.nodes, ids);
  };
  const askWhereItEnded = (event: MouseEvent | TouchEvent, end: FinalConnectionState) => {
    if (end.toHandle !== null || end.fromHandle?.type !== 'source' || end.fromNode === null) return;
    const point = 'changedTouches' in event ? event.changedTouches[0] : event;
    if (point === undefined || end.toNode !== null) return;
    const { x, y } = screenToFlowPosition({ x: point.clientX, y: point.clientY });
    const { fromNode, fromHandle } = end;
    onAsk({
      behind: fromNode.id,
      output: fromHandle.id ?? 'main',
      at: [x, y - BOX_HEIGHT / 2],
    });
  };
  const selectFocused = ({ key, target }: KeyboardEvent) => {
    const node = key === 'Enter' && target instanceof HTMLElement ? target.dataset.id : undefined;
    if (node !== undefined && graph.nodes.some(({ id }) => id === node)) editor.select([node]);
  };
  return (
    <div className={classes.frame} onKeyDown={selectFocused}>
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
        onConnect={(made) => editor.edit({ label: 'Connect' }, (g) => connect(g, edgeOf(made)))}
        onConnectEnd={askWhereItEnded}
        isValidConnection={({ source, target }) => source !== target}
        proOptions={{ hideAttribution: true }}
      >
        <Background gap={20} />
        {!isNarrow && <MiniMap pannable zoomable ariaLabel="Map of the graph" />}
        <Controls showInteractive={false} fitViewOptions={FIT} position="bottom-left" />
      </ReactFlow>
    </div>
  );
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
