import '@xyflow/react/dist/style.css';
import { useComputedColorScheme } from '@mantine/core';
import {
  Background,
  Controls,
  ReactFlow,
  useStore,
  type Edge,
  type NodeTypes,
  type PanelPosition,
  type ReactFlowProps,
} from '@xyflow/react';
import type { KeyboardEvent } from 'react';
import { BackEdge } from './BackEdge';
import classes from './Flow.module.css';
import type { CanvasNode } from './nodes';
import { FAR_ZOOM, FIT, PHONE_PX } from './view';

const EDGE_TYPES = { back: BackEdge };
const UNMARKED = { hideAttribution: true };
/** Of larger graphs only what is in sight is drawn. */
const MANY = 200;

interface Props extends ReactFlowProps<CanvasNode> {
  nodes: CanvasNode[];
  edges: Edge[];
  nodeTypes: NodeTypes;
  controls: PanelPosition;
  /** Enter was pressed on what has the focus. */
  onEnter: (id: string) => void;
}

/** The canvas of a graph, the same where it is edited and where it is looked at. */
export function Flow({ controls, onEnter, children, ...rest }: Props) {
  const scheme = useComputedColorScheme('light');
  const isNarrow = useStore(({ width }) => width < PHONE_PX);
  const isFar = useStore(({ transform: [, , zoom] }) => zoom < FAR_ZOOM);
  const connecting = useStore((state) => state.connectionClickStartHandle?.type);
  const enter = (event: KeyboardEvent) => {
    const { key, ctrlKey, metaKey, target } = event;
    const isDrawn = target instanceof HTMLElement || target instanceof SVGElement;
    const id = key === 'Enter' && !ctrlKey && !metaKey && isDrawn ? target.dataset.id : undefined;
    if (id === undefined) return;
    // A field that opens at it shall not take it for a new line.
    event.preventDefault();
    onEnter(id);
  };
  return (
    <div
      className={classes.frame}
      data-far={isFar || undefined}
      data-connecting={connecting}
      onKeyDown={enter}
    >
      <ReactFlow
        edgeTypes={EDGE_TYPES}
        colorMode={scheme}
        minZoom={0.05}
        deleteKeyCode={null}
        elevateNodesOnSelect={false}
        onlyRenderVisibleElements={rest.nodes.length > MANY}
        proOptions={UNMARKED}
        {...rest}
      >
        <Background gap={20} />
        <Controls
          showInteractive={false}
          fitViewOptions={FIT}
          orientation={isNarrow ? 'horizontal' : 'vertical'}
          position={controls}
        />
        {children}
      </ReactFlow>
    </div>
  );
}
