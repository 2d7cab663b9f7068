import { useState } from 'react';
import { connect, edgeId, MAIN, nodeOf } from '../graph/edits';
import type { Ports } from '../graph/ports';
import { targetsOf } from '../graph/targets';
import { Chooser } from './Chooser';
import { useEditing, useEditorState } from './context';

interface Props {
  from: string;
  portsOf: (id: string) => Ports;
  onClose: () => void;
}

/** An edge drawn without a mouse: by which output, where it has some, and then to what. */
export function ConnectDialog({ from, portsOf, onClose }: Props) {
  const { editor } = useEditing();
  const { graph } = useEditorState();
  const { outputs } = portsOf(from);
  const [output, setOutput] = useState(outputs.length === 1 ? outputs[0] : undefined);
  const name = nodeOf(graph, from)?.name ?? '';
  if (output === undefined) {
    return (
      <Chooser
        key="outputs"
        title={`Connect “${name}”`}
        label="outputs"
        placeholder="By which output?"
        all={outputs}
        idOf={(each) => each}
        textsOf={(each) => ({ name: each, more: '' })}
        onPick={setOutput}
        onClose={onClose}
      >
        {(each) => <b>{each}</b>}
      </Chooser>
    );
  }
  return (
    <Chooser
      key="targets"
      title={`Connect “${name}”${output === MAIN ? '' : ` by “${output}”`} to…`}
      label="nodes"
      placeholder="To which node?"
      all={targetsOf(graph, from, output, portsOf)}
      idOf={({ edge }) => edgeId(edge)}
      textsOf={({ node, edge }) => ({ name: node.name, more: edge.target_input })}
      onPick={({ edge }) => {
        editor.edit({ label: 'Connect' }, (before) => connect(before, edge));
        onClose();
      }}
      onClose={onClose}
    >
      {({ node, edge, isOneOfSome }) => (
        <>
          <b>{node.name}</b>
          {isOneOfSome && <small>{edge.target_input}</small>}
        </>
      )}
    </Chooser>
  );
}
