import { Graph as Dagre, layout } from '@dagrejs/dagre';
import type { Graph, GraphEdge, GraphNode } from '../api/types';
import { backEdges } from './back';
import { edgeId, move, type Place } from './edits';
import { frameAround, groupsOf } from './groups';
import { notesOf } from './notes';
import { BOX_HEIGHT, BOX_WIDTH, DETOUR, type Drawing, type Line } from './types';

/**
 * Turn a workflow's graph into boxes and lines.
 *
 * Nodes stay where their builder put them, but that one steps aside which lies on another's spot.
 * Where most have no spot of their own, as in a graph that a program made, all are laid out from left
 * to right. Edges that touch no node are left out.
 */
export function draw(graph: Graph): Drawing {
  const known = new Set(graph.nodes.map((node) => node.id));
  const edges = graph.edges.filter((edge) => known.has(edge.source) && known.has(edge.target));
  const places = placesGiven(graph.nodes) ?? placesFound(graph.nodes, edges);
  const spots = [...places.values()];
  const lines = edges.map((edge): Line => ({
    id: edgeId(edge),
    source: edge.source,
    sourceOutput: edge.source_output,
    target: edge.target,
    targetInput: edge.target_input,
    detour: detourOf(placeOf(places, edge.source), placeOf(places, edge.target), spots),
  }));
  const inputs = groupNames(lines.map((line) => [line.target, line.targetInput]));
  const outputs = groupNames(
    // From top to bottom as what they lead to, so that lines do not cross at once.
    lines
      .toSorted((a, b) => heightOfTarget(a, places) - heightOfTarget(b, places))
      .map((line) => [line.source, line.sourceOutput]),
  );
  const boxes = graph.nodes.map((node) => {
    const [x, y] = placeOf(places, node.id);
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
  const frames = groupsOf(graph).flatMap((group) => {
    const area = frameAround(group, places);
    return area === null ? [] : [{ group, area }];
  });
  return { boxes, lines, notes: notesOf(graph), frames };
}

/** The graph with a spot of its own for every node: the same where all have one already. */
export function placed(graph: Graph): Graph {
  const places = placesGiven(graph.nodes);
  if (places === null) return tidied(graph);
  const others = graph.nodes.filter(
    ({ id, position }) => position?.join() !== places.get(id)?.join(),
  );
  return move(graph, new Map(others.map(({ id }) => [id, placeOf(places, id)])));
}

/** The graph with all its nodes laid out anew, from left to right. */
export function tidied(graph: Graph): Graph {
  const known = new Set(graph.nodes.map((node) => node.id));
  const edges = graph.edges.filter((edge) => known.has(edge.source) && known.has(edge.target));
  return move(graph, placesFound(graph.nodes, edges));
}

type Places = Map<string, Place>;

function placeOf(places: Places, node: string): Place {
  return places.get(node) ?? [0, 0];
}

function heightOfTarget(line: Line, places: Places): number {
  return line.detour ?? placeOf(places, line.target)[1];
}

/** A line that does not lead on to the right passes above or below all boxes between its ends. */
export function detourOf([sourceX, sourceY]: Place, [targetX, targetY]: Place, spots: Place[]) {
  if (targetX > sourceX) return null;
  const between = spots
    .filter(([x]) => x + BOX_WIDTH > targetX - DETOUR && x - DETOUR < sourceX + BOX_WIDTH)
    .map(([, y]) => y);
  const above = Math.min(...between) - DETOUR;
  const below = Math.max(...between) + BOX_HEIGHT + DETOUR;
  const length = (y: number) => Math.abs(y - sourceY) + Math.abs(y - targetY);
  return length(above) < length(below - BOX_HEIGHT) ? above : below;
}

const ASIDE = 40;

/** Where the nodes lie, each on a spot of its own; null where most of them have none. */
function placesGiven(nodes: GraphNode[]): Places | null {
  const spots = new Set(nodes.map(({ position }) => (position ?? [0, 0]).join()));
  if (nodes.length > 1 && spots.size * 2 <= nodes.length) return null;
  const places: Places = new Map();
  const taken = new Set<string>();
  for (const { id, position: [x, y] = [0, 0] } of nodes) {
    let by = 0;
    const isTaken = () => (by === 0 ? taken : spots).has([x + by, y + by].join());
    while (isTaken()) by += ASIDE;
    const place: Place = [x + by, y + by];
    taken.add(place.join());
    spots.add(place.join());
    places.set(id, place);
  }
  return places;
}

function placesFound(nodes: GraphNode[], edges: GraphEdge[]): Places {
  const dagre = new Dagre();
  // Between two columns there is room for what a line says.
  dagre.setGraph({ rankdir: 'LR', nodesep: 32, ranksep: 112 });
  dagre.setDefaultEdgeLabel(() => ({}));
  for (const node of nodes) dagre.setNode(node.id, { width: BOX_WIDTH, height: BOX_HEIGHT });
  const back = backEdges({ nodes, edges });
  for (const edge of edges) if (!back.has(edge)) dagre.setEdge(edge.source, edge.target);
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
