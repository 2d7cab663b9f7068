import {
  Background,
  Controls,
  ReactFlow,
  ReactFlowProvider,
  getViewportForBounds,
  useReactFlow,
  useStore,
  type Edge,
  type Rect,
} from '@xyflow/react';
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useMemo, type KeyboardEvent } from 'react';
import type { Graph } from '../api/types';
import { draw } from '../graph/layout';
import { BOX_HEIGHT, BOX_WIDTH, type Drawing, type Line } from '../graph/types';
import { isFinished, UNSEEN, type RunState, type StepState } from '../runs/events';
import { useNodeTypes } from '../workflows/queries';
import { BackEdge } from './BackEdge';
import { FlowNode, type FlowNodeType } from './FlowNode';
import classes from './RunGraph.module.css';

const NODE_TYPES = { flow: FlowNode };
const EDGE_TYPES = { back: BackEdge };
/** At the right lie the buttons, and lines that turn back. */
const FIT = { padding: { x: '24px', y: '16px', right: '72px' }, maxZoom: 1 } as const;
const PHONE_PX = 600;

interface Props {
  graph: Graph;
  /** The run that is shown on it, if any. */
  run?: RunState;
  selected?: string | null;
  onSelect?: (node: string | null) => void;
}

/** A workflow's graph to look at, with the statuses of a run on its nodes. */
export function RunGraph(props: Props) {
  return (
    <ReactFlowProvider>
      <View {...props} />
    </ReactFlowProvider>
  );
}

function View({ graph, run, selected = null, onSelect }: Props) {
  const { latest, given, status } = run ?? UNSEEN;
  const isRun = run !== undefined;
  const isCutShort = isFinished(status) && status !== 'completed';
  const scheme = useComputedColorScheme('light');
  const isNarrow = useStore(({ width }) => width < PHONE_PX);
  const drawing = useMemo(() => draw(graph), [graph]);
  const { labelOf } = useNodeTypes();
  const nodes = useMemo(
    () => nodesOf(drawing, labelOf, { latest, given, isRun, isCutShort }, selected),
    [drawing, labelOf, latest, given, isRun, isCutShort, selected],
  );
  const edges = useMemo(() => edgesOf(drawing, given), [drawing, given]);
  useFit(drawing);
  const selectFocused = ({ key, target }: KeyboardEvent) => {
    const node = key === 'Enter' && target instanceof HTMLElement ? target.dataset.id : undefined;
    if (node !== undefined) onSelect?.(node);
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
        nodesDraggable={false}
        nodesConnectable={false}
        edgesFocusable={false}
        deleteKeyCode={null}
        onlyRenderVisibleElements={drawing.boxes.length > 200}
        onNodeClick={(_event, node) => onSelect?.(node.id)}
        onPaneClick={() => onSelect?.(null)}
        proOptions={{ hideAttribution: true }}
      >
        <Background gap={20} />
        <Controls
          showInteractive={false}
          fitViewOptions={FIT}
          orientation={isNarrow ? 'horizontal' : 'vertical'}
          position="bottom-right"
        />
      </ReactFlow>
    </div>
  );
}

/**
 * Shows the whole graph, again whenever its frame changes size, as when a panel opens beside it.
 * Where the whole would be too small to read, it shows where the graph begins.
 */
function useFit(drawing: Drawing): void {
  const { setViewport } = useReactFlow();
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  useEffect(() => {
    if (width > 0 && height > 0) void setViewport(viewOf(boundsOf(drawing), width, height));
  }, [setViewport, drawing, width, height]);
}

function viewOf(bounds: Rect, width: number, height: number) {
  const whole = getViewportForBounds(bounds, width, height, 0, FIT.maxZoom, FIT.padding);
  // On a phone a readable part is worth more than the whole.
  const zoom = width < PHONE_PX ? 0.8 : 0.5;
  if (whole.zoom >= zoom) return whole;
  const y = height / 2 - (bounds.y + bounds.height / 2) * zoom;
  return { x: 16 - bounds.x * zoom, y, zoom };
}

function boundsOf({ boxes, lines }: Drawing): Rect {
  const xs = boxes.flatMap(({ x }) => [x, x + BOX_WIDTH]);
  const detours = lines.flatMap(({ detour }) => (detour === null ? [] : [detour]));
  const ys = [...boxes.flatMap(({ y }) => [y, y + BOX_HEIGHT]), ...detours];
  const [x, y] = [least(xs), least(ys)];
  const [right, bottom] = [-least(xs.map((n) => -n)), -least(ys.map((n) => -n))];
  return { x, y, width: right - x, height: bottom - y };
}

function least(numbers: number[]): number {
  return numbers.reduce((a, b) => Math.min(a, b), Infinity);
}

interface Progress extends Pick<RunState, 'latest' | 'given'> {
  /** Without a run nothing is said of how its nodes stand. */
  isRun: boolean;
  /** The run has ended without completing: what had items and has not begun never will. */
  isCutShort: boolean;
}

function nodesOf(
  drawing: Drawing,
  labelOf: (type: string) => string,
  { latest, given, isRun, isCutShort }: Progress,
  selected: string | null,
): FlowNodeType[] {
  const had = new Set(
    drawing.lines.filter((line) => itemsOn(line, given) > 0).map(({ target }) => target),
  );
  return drawing.boxes.map((box) => {
    const step = latest.get(box.id);
    const isLeft = step === undefined && isCutShort && had.has(box.id);
    const standing = isLeft ? 'not started' : standingOf(step);
    return {
      id: box.id,
      type: 'flow',
      position: { x: box.x, y: box.y },
      width: BOX_WIDTH,
      height: BOX_HEIGHT,
      selected: box.id === selected,
      ariaLabel: isRun ? `${box.name}, ${standing}` : box.name,
      data: {
        box,
        label: labelOf(box.type),
        status: step?.status ?? (isLeft ? 'pending' : null),
        standing,
        copied: step?.copied ?? false,
      },
    };
  });
}

/** How the latest activation stands, and from the second on which it is. */
function standingOf(step: StepState | undefined): string {
  if (step === undefined) return 'not run';
  const status = step.copied ? 'taken over' : step.status;
  return step.iteration === 0 ? status : `${status} #${step.iteration + 1}`;
}

function itemsOn({ source, sourceOutput }: Line, given: RunState['given']): number {
  return given.get(source)?.[sourceOutput] ?? 0;
}

function edgesOf(drawing: Drawing, given: RunState['given']): Edge[] {
  return drawing.lines.map((line) => {
    const items = itemsOn(line, given);
    return {
      id: line.id,
      type: line.detour === null ? 'default' : 'back',
      data: { detour: line.detour },
      source: line.source,
      sourceHandle: line.sourceOutput,
      target: line.target,
      targetHandle: line.targetInput,
      className: items > 0 ? `${classes.taken}` : '',
      focusable: false,
      label: carried(line.sourceOutput, items),
    };
  });
}

/** How many items the edge has carried in all, and the output's name where it has one. */
function carried(output: string, items: number): string {
  const name = output === 'main' ? [] : [output];
  const count =
    items === 0 ? [] : [`${items.toLocaleString('en')} ${items === 1 ? 'item' : 'items'}`];
  return [...name, ...count].join(' · ');
}
