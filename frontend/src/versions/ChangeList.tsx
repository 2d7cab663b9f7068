import type { ReactNode } from 'react';
import { CHANGE_ICONS } from '../canvas/FlowNode';
import type { Change, GraphChanges, NodeChange } from '../graph/diff';
import { counted } from '../ui/counted';
import { DifferenceList } from '../ui/DifferenceList';
import { Icon } from '../ui/Icon';
import classes from './versions.module.css';

interface Props {
  changes: GraphChanges;
  /** The names of nodes by their ids, of those that are gone, too. */
  nameOf: (node: string) => string;
  selected: string | null;
  onSelect: (node: string) => void;
}

/** All that changed, in words; each node leads to its place on the canvas. */
export function ChangeList({ changes, nameOf, selected, onSelect }: Props) {
  const { nodes, edges, rest, movedCount } = changes;
  return (
    <ul className={classes.changes} aria-label="Changes">
      {nodes.map((each) => (
        <ChangedNode
          key={each.node.id}
          {...each}
          isSelected={each.node.id === selected}
          onSelect={() => onSelect(each.node.id)}
        />
      ))}
      {edges.map(({ change, edge }) => (
        <Line key={`${change} ${Object.values(edge).join(' ')}`} change={change}>
          <button type="button" onClick={() => onSelect(edge.target)}>
            {nameOf(edge.source)}
            {edge.source_output !== 'main' && ` (${edge.source_output})`} → {nameOf(edge.target)}
          </button>
        </Line>
      ))}
      {rest.found.length > 0 && (
        <Line change="changed">
          <strong>The workflow itself</strong>
          <DifferenceList differences={rest} />
        </Line>
      )}
      {movedCount > 0 && (
        <li className={classes.quiet}>{counted(movedCount, 'node')} moved on the canvas</li>
      )}
    </ul>
  );
}

interface ChangedNodeProps extends NodeChange {
  isSelected: boolean;
  onSelect: () => void;
}

function ChangedNode({ change, node, differences, isSelected, onSelect }: ChangedNodeProps) {
  return (
    <Line change={change} isSelected={isSelected}>
      <button type="button" aria-pressed={isSelected} onClick={onSelect}>
        <strong>{node.name}</strong>
      </button>
      {differences.found.length > 0 && <DifferenceList differences={differences} />}
    </Line>
  );
}

interface LineProps {
  change: Change;
  isSelected?: boolean;
  children: ReactNode;
}

function Line({ change, isSelected, children }: LineProps) {
  return (
    <li data-change={change} data-selected={isSelected || undefined}>
      <span className={classes.kind}>
        <Icon name={CHANGE_ICONS[change]} size={12} /> {change}
      </span>
      <div className={classes.what}>{children}</div>
    </li>
  );
}
