import { useState } from 'react';
import type { GraphNode, NodeType } from '../api/types';
import { InputFields } from '../params/InputFields';
import { ItemChooser } from '../params/ItemChooser';
import type { Sample } from '../params/sample';
import { WithSample } from '../params/WithSample';
import { Iterations, StepParts } from '../runs/StepDetail';
import { Detail } from '../ui/Detail';
import { StatusSign } from '../ui/StatusBadge';
import { atEscape } from './atEscape';
import { useAction } from './context';
import { Deed } from './Deed';
import { focusNode } from './EditCanvas';
import type { LastStep } from './lastStep';
import { NodeForm } from './NodeForm';
import type { Problem } from './problems';

/** What is known of a node whose form is shown. */
export interface ShownNode {
  node: GraphNode;
  type: NodeType | undefined;
  /** What is said of this node; paths begin within it, as "params.url". */
  told: Problem[];
  /** Its latest step in the run that is shown, and that run. */
  last: LastStep | null;
  /** What its expressions are tried on. */
  sample: Sample;
}

interface Props extends ShownNode {
  onClose: () => void;
}

/** A node beside the canvas, for a quick look: its form, and what it did in the run that is shown. */
export function NodePanel({ node, type, told, last, sample, onClose }: Props) {
  const open = useAction('open');
  // Kept from node to node, as the tab of the form is.
  const [part, setPart] = useState('output');
  return (
    <Detail
      what="Node"
      title={node.name}
      id={node.id}
      facts={
        <>
          <span>{type?.label ?? node.type}</span>
          <Deed action={open} icon="columns" />
        </>
      }
      onClose={onClose}
    >
      <WithSample sample={sample}>
        <NodeForm
          node={node}
          type={type}
          told={told}
          lead={
            <>
              <ItemChooser />
              <InputFields key={node.id} />
            </>
          }
          more={
            last && {
              name: 'Last run',
              sign: <StatusSign status={last.step.status} />,
              shown: (
                <>
                  <Iterations {...last} />
                  <StepParts
                    key={last.step.id}
                    run={last.run}
                    state={last.step}
                    tab={part}
                    onTab={setPart}
                  />
                </>
              ),
            }
          }
          onKeyDown={atEscape(() => focusNode(node.id))}
        />
      </WithSample>
    </Detail>
  );
}
