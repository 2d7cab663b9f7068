import { ReactFlowProvider, useReactFlow, useStore, type Edge } from '@xyflow/react';
import { useEffect, useEffectEvent, useMemo } from 'react';
import type { Graph } from '../api/types';
import type { Change } from '../graph/diff';
import { draw } from '../graph/layout';
import type { Drawing, Line } from '../graph/types';
import { isFinished, UNSEEN, type RunState } from '../runs/events';
import { useNodeTypes } from '../workflows/queries';
import { carried, edgeName } from './carried';
import { Flow } from './Flow';
import classes from './Flow.module.css';
import { FlowNode, type FlowNodeType } from './FlowNode';
import { FrameNode } from './FrameNode';
import { boxNode, frameNode, noteNode, ofKey } from './nodes';
import { NoteNode } from './NoteNode';
import { standingOf } from './standing';
import { isInView, viewAround, viewOf } from './view';

const NODE_TYPES = { flow: FlowNode, note: NoteNode, frame: FrameNode };
const PAN_MS = 200;
const KEYS = {
  'node.a11yDescription.default': 'Enter shows what it is.',
  'node.a11yDescription.keyboardDisabled': 'Enter shows what it is.',
};

interface Props {
  graph: Graph;
  /** The run that is shown on it, if any. */
  run?: RunState;
  /** How it differs from another graph: nodes and edges by their ids. */
  changes?: ReadonlyMap<string, Change>;
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

function View({ graph, run, changes, selected = null, onSelect }: Props) {
  const { latest, given, status } = run ?? UNSEEN;
  const isRun = run !== undefined;
  const isCutShort = isFinished(status) && status !== 'completed';
  const drawing = useMemo(() => draw(graph), [graph]);
  const { captionOf } = useNodeTypes();
  const captions = useMemo(
    () => new Map(graph.nodes.map((node) => [node.id, captionOf(node)])),
    [graph, captionOf],
  );
  const nodes = useMemo(
    () => nodesOf(drawing, captions, { latest, given, isRun, isCutShort, changes }, selected),
    [drawing, captions, latest, given, isRun, isCutShort, changes, selected],
  );
  const marks = useMemo(
    () => [
      ...drawing.frames.map(({ group, area }) => frameNode(group, area)),
      ...drawing.notes.map((note) => noteNode(note)),
    ],
    [drawing],
  );
  const edges = useMemo(() => edgesOf(drawing, given, changes), [drawing, given, changes]);
  useFit(drawing, selected ?? (status === 'failed' ? failedNode(latest) : null));
  const select = (key: string) => {
    if (ofKey(key).kind === 'node') onSelect?.(key);
  };
  return (
    <Flow
      nodes={[...marks, ...nodes]}
      edges={edges}
      nodeTypes={NODE_TYPES}
      controls="bottom-right"
      nodesDraggable={false}
      nodesConnectable={false}
      edgesFocusable={false}
      ariaLabelConfig={KEYS}
      onEnter={select}
      onNodeClick={(_event, { id }) => select(id)}
      onPaneClick={() => onSelect?.(null)}
    />
  );
}

/**
 * Shows the graph, again whenever its frame changes size, as when a panel opens beside it; and the
 * node in focus, when that becomes another one that is out of sight.
 */
function useFit(drawing: Drawing, focused: string | null): void {
  const { getViewport, setViewport } = useReactFlow();
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  const focus = drawing.boxes.find(({ id }) => id === focused) ?? null;
  const show = useEffectEvent(() => {
    if (width > 0 && height > 0) void setViewport(viewOf(drawing, { width, height }, focus));
  });
  const find = useEffectEvent(() => {
    const view = getViewport();
    if (focus === null || width === 0 || isInView(focus, { width, height }, view)) return;
    void setViewport(viewAround(focus, { width, height }, view.zoom), { duration: PAN_MS });
  });
  useEffect(() => show(), [drawing, width, height]);
  useEffect(() => find(), [focused]);
}

interface Progress extends Pick<RunState, 'latest' | 'given'> {
  /** Without a run nothing is said of how its nodes stand. */
  isRun: boolean;
  /** The run has ended without completing: what had items and has not begun never will. */
  isCutShort: boolean;
  changes: Props['changes'];
}

function nodesOf(
  drawing: Drawing,
  captions: ReadonlyMap<string, string>,
  { latest, given, isRun, isCutShort, changes }: Progress,
  selected: string | null,
): FlowNodeType[] {
  const had = new Set(
    drawing.lines.filter((line) => itemsOn(line, given) > 0).map(({ target }) => target),
  );
  return drawing.boxes.map((box) => {
    const step = latest.get(box.id);
    const isLeft = step === undefined && isCutShort && had.has(box.id);
    const standing = isLeft ? 'not started' : standingOf(step);
    const change = changes?.get(box.id);
    const told = [isRun && standing, change].filter(Boolean);
    return {
      ...boxNode(box, false),
      selected: box.id === selected,
      ariaLabel: [box.name, ...told].join(', '),
      data: {
        box,
        label: captions.get(box.id) ?? '',
        status: step?.status ?? (isLeft ? 'pending' : null),
        standing,
        copied: step?.copied ?? false,
        isPinned: false,
        faults: 0,
        hints: [],
        change: change === undefined ? null : { kind: change, told: change },
      },
    };
  });
}

/** Where the run failed, as far as its steps tell. */
function failedNode(latest: RunState['latest']): string | null {
  return [...latest.values()].findLast(({ status }) => status === 'failed')?.node ?? null;
}

function itemsOn({ source, sourceOutput }: Line, given: RunState['given']): number {
  return given.get(source)?.[sourceOutput] ?? 0;
}

function edgesOf(drawing: Drawing, given: RunState['given'], changes: Props['changes']): Edge[] {
  const names = new Map(drawing.boxes.map(({ id, name }) => [id, name]));
  return drawing.lines.map((line) => {
    const items = itemsOn(line, given);
    const change = changes?.get(line.id);
    const label = carried(line.sourceOutput, items);
    return {
      id: line.id,
      type: line.detour === null ? 'default' : 'back',
      data: { detour: line.detour },
      source: line.source,
      sourceHandle: line.sourceOutput,
      target: line.target,
      targetHandle: line.targetInput,
      className: `${(change && classes[change]) ?? (items > 0 ? classes.taken : '')}`,
      focusable: false,
      ariaLabel: edgeName(
        names.get(line.source) ?? '',
        line.sourceOutput,
        names.get(line.target) ?? '',
        items,
      ),
      label: change === undefined ? label : [label, change].filter(Boolean).join(' · '),
    };
  });
}
