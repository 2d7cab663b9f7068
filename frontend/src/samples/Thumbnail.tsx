import type { Graph, GraphNode } from '../api/types';
import { BOX_HEIGHT, BOX_WIDTH } from '../graph/types';
import classes from './samples.module.css';

const MARGIN = 30;

/** The shape of a graph, small. */
export function Thumbnail({ graph }: { graph: Graph }) {
  const places = new Map(graph.nodes.map((node) => [node.id, placeOf(node)]));
  const xs = [...places.values()].map(([x]) => x);
  const ys = [...places.values()].map(([, y]) => y);
  const [left, top] = [Math.min(...xs) - MARGIN, Math.min(...ys) - MARGIN];
  const width = Math.max(...xs) + BOX_WIDTH + MARGIN - left;
  const height = Math.max(...ys) + BOX_HEIGHT + MARGIN - top;
  return (
    <svg className={classes.thumbnail} viewBox={`${left} ${top} ${width} ${height}`} aria-hidden>
      {graph.edges.map((edge) => (
        <path
          key={`${edge.source} ${edge.source_output} ${edge.target}`}
          d={line(places.get(edge.source), places.get(edge.target))}
        />
      ))}
      {[...places].map(([id, [x, y]]) => (
        <rect key={id} x={x} y={y} width={BOX_WIDTH} height={BOX_HEIGHT} rx={12} />
      ))}
    </svg>
  );
}

const placeOf = ({ position }: GraphNode): [number, number] => position ?? [0, 0];

/** From the right side of one box to the left side of the other; back, it passes below both. */
function line([x, y] = [0, 0], [toX, toY] = [0, 0]): string {
  const [startX, startY, endY] = [x + BOX_WIDTH, y + BOX_HEIGHT / 2, toY + BOX_HEIGHT / 2];
  if (toX < startX) {
    const low = Math.max(y, toY) + BOX_HEIGHT + 20;
    return `M${startX} ${startY}h20V${low}H${toX - 20}V${endY}h20`;
  }
  const bend = (toX - startX) / 2;
  return `M${startX} ${startY}C${startX + bend} ${startY} ${toX - bend} ${endY} ${toX} ${endY}`;
}
