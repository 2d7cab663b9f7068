import { useMediaQuery } from '@mantine/hooks';
import {
  getNodesBounds,
  MiniMap,
  SelectionMode,
  useReactFlow,
  useStore,
  useStoreApi,
  type Rect,
} from '@xyflow/react';
import { useCallback, useEffect, useEffectEvent, useMemo, useRef } from 'react';
import type { Graph, GraphEdge } from '../api/types';
import { Flow } from '../canvas/Flow';
import { FlowNode } from '../canvas/FlowNode';
import type { CanvasNode } from '../canvas/nodes';
import { FIT, isInView, PHONE_PX, viewAround, viewOf } from '../canvas/view';
import { GRID, nodeOf, type Place } from '../graph/edits';
import { draw } from '../graph/layout';
import type { Spot } from './added';
import { useEditorState } from './context';
import { drawn, inMotion } from './drawn';
import { EditedFrame } from './EditedFrame';
import { EditedNote } from './EditedNote';
import { flowEdges, type Marks } from './flow';
import { NOTHING_HELD } from './held';
import { useGestures } from './useGestures';

const NODE_TYPES = { flow: FlowNode, note: EditedNote, frame: EditedFrame };
const PHONE = `(max-width: ${PHONE_PX}px)`;
const TREMBLES_PX = 5;
const SNAP: [number, number] = [GRID, GRID];

function leadsOn({ source, target }: { source: string; target: string }): boolean {
  return source !== target;
}

const SELECT = 'Enter selects it. Delete takes what is selected away.';
const NODE = `${SELECT} Enter again shows its data beside its form. Arrow keys walk from node to node. Control and K list all that can be done.`;
const KEYS = {
  'node.a11yDescription.default': NODE,
  'node.a11yDescription.keyboardDisabled': NODE,
  'edge.a11yDescription.default': SELECT,
};

/** Frames and notes are drawn fainter than nodes. */
function kindOf({ type = '' }: { type?: string }): string {
  return type;
}

interface Props {
  /** What is shown of each node beside itself. */
  marks: (id: string) => Marks;
  items: (edge: GraphEdge) => number;
  /** A connection was let go where nothing is: something is to be put there. */
  onAsk: (spot: Spot) => void;
  /** A node is to be shown wide. */
  onOpen: (node: string) => void;
}

/** The graph to be edited with the mouse: moved, connected, selected. */
export function EditCanvas({ marks, items, onAsk, onOpen }: Props) {
  const { graph, nodes: selected, edges: selectedEdges, notes, written } = useEditorState();
  const { held, onEnter, handlers } = useGestures(onAsk, onOpen);
  const isPhone = useMediaQuery(PHONE, false, { getInitialValueInEffect: false });
  useMiddleKept();
  useInView(graph, selected);
  useReadable(graph, isPhone);
  const atRest = useMemo(
    () => drawn({ graph, nodes: selected, notes, written }, marks),
    [graph, selected, notes, written, marks],
  );
  const nodes = useMemo(
    () => (held === NOTHING_HELD ? atRest : inMotion(atRest, held, graph)),
    [atRest, held, graph],
  );
  const edges = useMemo(
    () => flowEdges(graph.nodes, graph.edges, selectedEdges, items),
    [graph.nodes, graph.edges, selectedEdges, items],
  );
  return (
    <Flow
      nodes={nodes}
      edges={edges}
      nodeTypes={NODE_TYPES}
      controls="bottom-left"
      fitView={!isPhone}
      // A finger that moves a node does not ask for its panel, which would cover it.
      selectNodesOnDrag={!isPhone}
      fitViewOptions={FIT}
      // A finger that trembles taps all the same.
      connectionDragThreshold={TREMBLES_PX}
      snapToGrid
      snapGrid={SNAP}
      selectionMode={SelectionMode.Partial}
      multiSelectionKeyCode="Shift"
      selectionKeyCode="Shift"
      // Arrow keys walk the graph; what moves is one of the editor's deeds.
      disableKeyboardA11y
      ariaLabelConfig={KEYS}
      elevateEdgesOnSelect
      onEnter={onEnter}
      isValidConnection={leadsOn}
      {...handlers}
    >
      {/* Of a large graph a map would take a good part of each frame while something is dragged. */}
      {!isPhone && held === NOTHING_HELD && <Overview of={atRest} />}
    </Flow>
  );
}

/** A map of the graph, where not all of it is in sight: else it would hide a part and tell nothing. */
function Overview({ of }: { of: CanvasNode[] }) {
  const bounds = useMemo(() => getNodesBounds(of), [of]);
  const isNeeded = useStore(({ width, height, transform: [x, y, zoom] }) => {
    const seen = { x: -x / zoom, y: -y / zoom, width: width / zoom, height: height / zoom };
    return of.length > 0 && !isWithin(bounds, seen);
  });
  if (!isNeeded) return null;
  return <MiniMap pannable zoomable ariaLabel="Map of the graph" nodeClassName={kindOf} />;
}

function isWithin(inner: Rect, outer: Rect): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

/** The middle of what is seen of the canvas, when it is asked for. */
export function useMiddle(): () => Place {
  const store = useStoreApi();
  return useCallback(() => {
    const { width, height, transform } = store.getState();
    const [x, y, zoom] = transform;
    return [(width / 2 - x) / zoom, (height / 2 - y) / zoom];
  }, [store]);
}

/** On a phone the graph is first shown where it begins and as large as it can be read. */
function useReadable(graph: Graph, isPhone: boolean): void {
  const { setViewport } = useReactFlow();
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  const isMeasured = width > 0 && height > 0;
  const show = useEffectEvent(() => {
    if (!isPhone || !isMeasured || graph.nodes.length === 0) return;
    void setViewport(viewOf(draw(graph), { width, height }, null));
  });
  useEffect(() => show(), [isMeasured]);
}

/** What is in the middle stays there when the canvas becomes lower, as by the console of a run. */
function useMiddleKept(): void {
  const { getViewport, setViewport } = useReactFlow();
  const height = useStore((state) => state.height);
  const before = useRef(height);
  useEffect(() => {
    const by = height - before.current;
    const isFirst = before.current === 0;
    before.current = height;
    if (isFirst || by === 0) return;
    const { x, y, zoom } = getViewport();
    void setViewport({ x, y: y + by / 2, zoom });
  }, [height, getViewport, setViewport]);
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
