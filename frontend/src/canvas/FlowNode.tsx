import { Handle, Position, type Node, type NodeProps } from '@xyflow/react';
import { memo, type MouseEvent } from 'react';
import { BOX_HEIGHT, BOX_WIDTH, type Box } from '../graph/types';
import type { Change } from '../graph/diff';
import type { ShownStatus } from '../runs/events';
import { Icon, type IconName } from '../ui/Icon';
import { capitalized } from '../ui/capitalized';
import { StatusSign } from '../ui/StatusBadge';
import classes from './FlowNode.module.css';
import { handleSize, handleTop } from './handles';

export interface FlowNodeData extends Record<string, unknown> {
  box: Box;
  /** What the node's type is called. */
  label: string;
  /** Of its latest step; what a run never reached has none. */
  status: ShownStatus | null;
  /** The status in words, and which activation of the node it is of. */
  standing: string;
  /** Its step was taken over from an earlier run. */
  copied: boolean;
  /** It gives what it was pinned to, and does not run. */
  isPinned: boolean;
  /** How much is wrong with it. */
  faults: number;
  /** What may be meant otherwise, in sentences. */
  hints: string[];
  /** What it is compared with another graph, if it differs from there. */
  change: ShownChange | null;
}

export interface ShownChange {
  kind: Change;
  /** In words: never by colour alone. */
  told: string;
}

export const CHANGE_ICONS: Record<Change, IconName> = {
  added: 'plus',
  removed: 'cross',
  changed: 'pencil',
};

export type FlowNodeType = Node<FlowNodeData, 'flow'>;

/** A node of the graph with the status of its latest step. */
export const FlowNode = memo(function FlowNode(props: NodeProps<FlowNodeType>) {
  const { data, selected, isConnectable } = props;
  const { box, label, status, standing, copied, isPinned, faults, hints, change } = data;
  return (
    <div
      className={classes.node}
      data-status={status ?? undefined}
      data-selected={selected || undefined}
      data-disabled={box.disabled || undefined}
      data-faulty={faults > 0 || undefined}
      data-change={change?.kind}
      style={{ width: BOX_WIDTH, height: BOX_HEIGHT }}
    >
      <Handles names={box.inputs} type="target" isConnectable={isConnectable} />
      <div className={classes.name} title={box.name}>
        <span>{box.name}</span>
        {faults > 0 && (
          <span className={classes.fault} title={faults === 1 ? 'One fault' : `${faults} faults`}>
            <Icon name="warning" size={12} />
          </span>
        )}
        {faults === 0 && hints.length > 0 && (
          <span
            className={classes.hint}
            role="img"
            aria-label={hints.join(' ')}
            title={hints.join('\n')}
          >
            <Icon name="warning" size={12} />
          </span>
        )}
        {change !== null && (
          <span className={classes.change} title={capitalized(change.told)}>
            <Icon name={CHANGE_ICONS[change.kind]} size={12} />
          </span>
        )}
      </div>
      <div className={classes.type}>
        <span>
          {[label, box.disabled && 'disabled', isPinned && 'pinned', change?.told]
            .filter(Boolean)
            .join(', ')}
        </span>
        {status !== null && (
          <span className={classes.status}>
            <StatusSign status={status} copied={copied} />
            {standing}
          </span>
        )}
      </div>
      <Handles names={box.outputs} type="source" isConnectable={isConnectable} />
    </div>
  );
});

interface HandlesProps {
  names: string[];
  type: 'source' | 'target';
  isConnectable: boolean;
}

function Handles({ names, type, isConnectable }: HandlesProps) {
  const size = handleSize(isConnectable);
  return (
    <div
      className={classes.handles}
      onClick={isConnectable ? stop : undefined}
      onDoubleClick={isConnectable ? stop : undefined}
    >
      {names.map((name, index) => (
        <Handle
          key={name}
          id={name}
          type={type}
          position={type === 'source' ? Position.Right : Position.Left}
          isConnectable={isConnectable}
          title={names.length > 1 || name !== 'main' ? name : undefined}
          className={classes.handle}
          style={{ top: handleTop(index, names.length), width: size, height: size }}
        />
      ))}
    </div>
  );
}

/** Who begins or ends an edge at a handle does not ask for the node, whose panel may cover all. */
function stop(event: MouseEvent): void {
  event.stopPropagation();
}
