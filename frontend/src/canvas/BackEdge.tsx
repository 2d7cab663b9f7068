import { BaseEdge, type Edge, type EdgeProps } from '@xyflow/react';

export type BackEdgeType = Edge<{ detour: number }, 'back'>;

const OUT = 18;
const ROUND = 8;

/** A line that leads back, as in a loop: around the boxes between its ends, not through them. */
export function BackEdge({
  id,
  sourceX,
  sourceY,
  targetX,
  targetY,
  data,
  ...rest
}: EdgeProps<BackEdgeType>) {
  const detour = data?.detour ?? sourceY;
  const [right, left] = [sourceX + OUT, targetX - OUT];
  const leaves = turns(sourceY, detour);
  const enters = turns(detour, targetY);
  const path = [
    `M ${sourceX} ${sourceY} H ${right - ROUND} q ${ROUND} 0 ${ROUND} ${leaves}`,
    `V ${detour - leaves} q 0 ${leaves} ${-ROUND} ${leaves}`,
    `H ${left + ROUND} q ${-ROUND} 0 ${-ROUND} ${enters}`,
    `V ${targetY - enters} q 0 ${enters} ${ROUND} ${enters} H ${targetX}`,
  ].join(' ');
  return (
    <BaseEdge id={id} path={path} label={rest.label} labelX={(left + right) / 2} labelY={detour} />
  );
}

/** How far the corner of a line that goes from one height to another reaches, and which way. */
function turns(from: number, to: number): number {
  return to > from ? ROUND : -ROUND;
}
