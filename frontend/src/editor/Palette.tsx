import type { NodeType } from '../api/types';
import { WithCode } from '../ui/WithCode';
import { Chooser } from './Chooser';

const GROUPS: Record<string, string> = {
  triggers: 'Triggers',
  actions: 'Actions',
  transformations: 'Transformations',
  flow: 'Flow',
};

interface Props {
  types: NodeType[];
  /** What it is added to, in words. */
  where: string;
  onPick: (type: NodeType) => void;
  onClose: () => void;
}

/** The node types, to be searched and added. */
export function Palette({ types, where, onPick, onClose }: Props) {
  const order = Object.keys(GROUPS);
  const inGroup = ({ ui }: NodeType) => Number(ui.place ?? types.length);
  return (
    <Chooser
      title={`Add a node ${where}`}
      label="node types"
      placeholder="What is to be done?"
      all={types.toSorted(
        (a, b) => order.indexOf(a.group) - order.indexOf(b.group) || inGroup(a) - inGroup(b),
      )}
      idOf={({ type }) => type}
      textsOf={({ label, type, group, description, keywords }) => ({
        name: label,
        keywords,
        more: `${type} ${group} ${description}`,
      })}
      onPick={onPick}
      onClose={onClose}
    >
      {({ label, group, description }) => (
        <>
          <b>{label}</b>
          <small>{GROUPS[group] ?? group}</small>
          <span>
            <WithCode text={description} />
          </span>
        </>
      )}
    </Chooser>
  );
}
