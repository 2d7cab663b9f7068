/**
 * A React Flow with nothing of ours, which draws `graph.json` beside this page: what the editor's
 * canvas is measured against. `?width=…&height=…` give it the canvas's size.
 */

import '@xyflow/react/dist/style.css';
import { Background, ReactFlow, useEdgesState, useNodesState } from '@xyflow/react';
import { createRoot } from 'react-dom/client';
import type { Graph } from '../src/api/types';

function Bare({ graph, width, height }: { graph: Graph; width: number; height: number }) {
  const [nodes, , takeNodes] = useNodesState(
    graph.nodes.map(({ id, name, position: [x, y] = [0, 0] }) => ({
      id,
      position: { x, y },
      data: { label: name },
    })),
  );
  const [edges, , takeEdges] = useEdgesState(
    graph.edges.map(({ source, target }) => ({ id: `${source}->${target}`, source, target })),
  );
  return (
    <div style={{ width, height }}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        onNodesChange={takeNodes}
        onEdgesChange={takeEdges}
        minZoom={0.05}
        fitView
      >
        <Background />
      </ReactFlow>
    </div>
  );
}

const size = new URLSearchParams(window.location.search);
const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element #root');
const graph = (await (await fetch('graph.json')).json()) as Graph;
createRoot(root).render(
  <Bare graph={graph} width={Number(size.get('width'))} height={Number(size.get('height'))} />,
);
