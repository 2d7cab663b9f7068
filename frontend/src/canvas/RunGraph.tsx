import {
  Background,
  Controls,
  ReactFlow,
  ReactFlowProvider,
  useNodesInitialized,
  useReactFlow,
  type Edge,
} from '@xyflow/react';
import { useComputedColorScheme } from '@mantine/core';
import { useResizeObserver } from '@mantine/hooks';
import { useEffect, useMemo } from 'react';
import type { Graph } from '../api/types';
import { draw } from '../graph/layout';
import type { Drawing } from '../graph/types';
import type { StepState } from '../runs/events';
import { FlowNode, type FlowNodeType } from './FlowNode';
import classes from './RunGraph.module.css';

const NODE_TYPES = { flow: FlowNode };
const FIT = { padding: 0.12, maxZoom: 1 };

interface Props {
  graph: Graph;
  /** By node id, its latest step; empty where only the graph is shown. */
  latest: ReadonlyMap<string, StepState>;
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

function View({ graph, latest, selected = null, onSelect }: Props) {
  const scheme = useComputedColorScheme('light');
  const drawing = useMemo(() => draw(graph), [graph]);
  const nodes = useMemo(() => nodesOf(drawing, latest, selected), [drawing, latest, selected]);
  const edges = useMemo(() => edgesOf(drawing, latest), [drawing, latest]);
  const frame = useFit();
  return (
    <div className={classes.frame} ref={frame}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        colorMode={scheme}
        fitView
        fitViewOptions={FIT}
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
        <Controls showInteractive={false} fitViewOptions={FIT} />
      </ReactFlow>
    </div>
  );
}

/** Shows the whole graph again when its frame changes size, as when a panel opens beside it. */
function useFit() {
  const { fitView } = useReactFlow();
  const [frame, { width, height }] = useResizeObserver();
  const initialized = useNodesInitialized();
  useEffect(() => {
    if (initialized && width > 0 && height > 0) void fitView(FIT);
  }, [fitView, initialized, width, height]);
  return frame;
}

function nodesOf(
  drawing: Drawing,
  latest: ReadonlyMap<string, StepState>,
  selected: string | null,
): FlowNodeType[] {
  return drawing.boxes.map((box) => {
    const step = latest.get(box.id);
    return {
      id: box.id,
      type: 'flow',
      position: { x: box.x, y: box.y },
      selected: box.id === selected,
      ariaLabel: `${box.name}, ${step?.status ?? 'not run'}`,
      data: {
        box,
        status: step?.status ?? null,
        count: step === undefined ? 0 : step.iteration + 1,
        items: step?.items ? Object.values(step.items).reduce((sum, n) => sum + n, 0) : null,
      },
    };
  });
}

function edgesOf(drawing: Drawing, latest: ReadonlyMap<string, StepState>): Edge[] {
  return drawing.lines.map((line) => {
    const items = latest.get(line.source)?.items?.[line.sourceOutput] ?? 0;
    const label = line.sourceOutput === 'main' ? {} : { label: line.sourceOutput };
    return {
      id: line.id,
      source: line.source,
      sourceHandle: line.sourceOutput,
      target: line.target,
      targetHandle: line.targetInput,
      className: items > 0 ? `${classes.taken}` : '',
      focusable: false,
      ...label,
    };
  });
}
