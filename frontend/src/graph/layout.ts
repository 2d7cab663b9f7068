import { Graph as Dagre, layout } from '@dagrejs/dagre';
import type { Graph, GraphNode } from '../api/types';
import { BOX_HEIGHT, BOX_WIDTH, type Drawing, type Line } from './types';

/**
 * Turn a workflow's graph into boxes and lines.
 *
 * Nodes stay where their builder put them. Where one has no place of its own, or two lie on one
 * spot, all are laid out from left to right. Edges that touch no node are left out.
 */
export function draw(graph: Graph): Drawing {
  const known = new Set(graph.nodes.map((node) => node.id));
  const edges = graph.edges.filter((edge) => known.has(edge.source) && known.has(edge.target));
  const lines = edges.map((edge): Line => ({
    id: `${edge.source}/${edge.source_output}->${edge.target}/${edge.target_input}`,
    source: edge.source,
    sourceOutput: edge.source_output,
    target: edge.target,
    targetInput: edge.target_input,
  }));
  const places = hasPlaces(graph.nodes)
    ? placesGiven(graph.nodes)
    : placesFound(graph.nodes, lines);
  const inputs = groupNames(lines.map((line) => [line.target, line.targetInput]));
  const outputs = groupNames(lines.map((line) => [line.source, line.sourceOutput]));
  const boxes = graph.nodes.map((node) => {
    const [x, y] = places.get(node.id) ?? [0, 0];
    return {
      id: node.id,
      name: node.name,
      type: node.type,
      disabled: node.disabled ?? false,
      inputs: [...(inputs.get(node.id) ?? [])],
      outputs: [...(outputs.get(node.id) ?? [])],
      x,
      y,
    };
  });
  return { boxes, lines };
}

type Places = Map<string, [number, number]>;

function hasPlaces(nodes: GraphNode[]): boolean {
  const spots = nodes.map((node) => node.position?.join());
  return !spots.includes(undefined) && new Set(spots).size === nodes.length;
}

function placesGiven(nodes: GraphNode[]): Places {
  return new Map(nodes.map((node) => [node.id, node.position ?? [0, 0]]));
}

function placesFound(nodes: GraphNode[], lines: Line[]): Places {
  const dagre = new Dagre();
  dagre.setGraph({ rankdir: 'LR', nodesep: 32, ranksep: 72 });
  dagre.setDefaultEdgeLabel(() => ({}));
  for (const node of nodes) dagre.setNode(node.id, { width: BOX_WIDTH, height: BOX_HEIGHT });
  for (const line of lines) dagre.setEdge(line.source, line.target);
  layout(dagre);
  return new Map(
    nodes.map(({ id }) => {
      const { x, y } = dagre.node(id) as { x: number; y: number };
      return [id, [x - BOX_WIDTH / 2, y - BOX_HEIGHT / 2]];
    }),
  );
}

function groupNames(pairs: [node: string, name: string][]): Map<string, Set<string>> {
  const groups = new Map<string, Set<string>>();
  for (const [node, name] of pairs) groups.set(node, (groups.get(node) ?? new Set()).add(name));
  return groups;
}
