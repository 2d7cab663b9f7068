import { Tabs, TextInput } from '@mantine/core';
import { useMemo, useState, type KeyboardEvent } from 'react';
import type { Fault, GraphNode, NodeType } from '../api/types';
import { rename } from '../graph/edits';
import { zoneOf } from '../graph/zone';
import { credentialTypesOf } from '../params/credentialTypes';
import { InputFields } from '../params/InputFields';
import { ItemChooser } from '../params/ItemChooser';
import { MappingContext, type Target } from '../params/mapping';
import { ParamsForm } from '../params/ParamsForm';
import { CredentialTypesContext } from '../params/pickers';
import { SampleContext, type Sample } from '../params/sample';
import { paramsOf, type ParamSchema } from '../params/shape';
import type { StepState } from '../runs/events';
import { Iterations, StepParts } from '../runs/StepDetail';
import { NextTimes } from '../schedules/NextTimes';
import { Detail } from '../ui/Detail';
import { StatusSign } from '../ui/StatusBadge';
import { WithCode } from '../ui/WithCode';
import { Listen } from '../webhooks/Listen';
import { useEditing, useEditorState } from './context';
import { focusNode } from './EditCanvas';
import classes from './editor.module.css';
import { NodeSettings } from './NodeSettings';
import { withoutName } from './problems';
import { useSet } from './useSet';

interface LastStep {
  run: string;
  step: StepState;
  /** All steps of the node. */
  siblings: StepState[];
  onSelect: (step: string) => void;
}

interface Props {
  node: GraphNode;
  type: NodeType | undefined;
  /** What is wrong with this node; paths begin within it, as "params.url". */
  faults: Fault[];
  /** Its latest step in the run that is shown, and that run. */
  last: LastStep | null;
  /** What its expressions are tried on. */
  sample: Sample;
  onClose: () => void;
}

const NAME_FIELD = 'node-name';

/** Begin to rename the node whose panel is open. */
export function focusName(): void {
  const field = document.getElementById(NAME_FIELD);
  if (field instanceof HTMLInputElement) field.select();
}

/** Begin to edit what the node whose panel is open is set to do. */
export function focusForm(): void {
  const form = document.querySelector('[data-node-form]');
  const field = form?.querySelector<HTMLElement>('input, textarea, [contenteditable="true"]');
  (field ?? form?.querySelector('button'))?.focus();
}

/** Escape leads from a field back to the node; of an open list it only closes the list. */
function leaveByEscape({ key, target, defaultPrevented }: KeyboardEvent, node: string): void {
  const isOpen = target instanceof HTMLElement && target.ariaExpanded === 'true';
  if (key === 'Escape' && !isOpen && !defaultPrevented) focusNode(node);
}

/** What a node is set to do, to be changed. */
export function NodePanel({ node, type, faults, last, sample, onClose }: Props) {
  const { workflow, saver } = useEditing();
  const { graph } = useEditorState();
  // Kept from node to node: who looks at what nodes gave goes on to look at that.
  const [tab, setTab] = useState<string | null>('params');
  const [part, setPart] = useState('output');
  const [chosen, setChosen] = useState(0);
  const [target, setTarget] = useState<Target | null>(null);
  const mapping = useMemo(() => ({ target, setTarget }), [target]);
  const place = Math.min(chosen, Math.max(sample.items.length - 1, 0));
  const root = (type?.params_schema ?? {}) as ParamSchema;
  const set = useSet(node);
  const faultAt = (path: string) => {
    const told = faults.filter((fault) => fault.path === `params.${path}`);
    return told.length === 0
      ? undefined
      : told.map(({ message }) => withoutName(message, node)).join(' ');
  };
  const others = faults.filter(({ path }) => !path.startsWith('params.'));
  const params = paramsOf(root, root);
  return (
    <Detail
      what="Node"
      title={node.name}
      facts={<span>{type?.label ?? node.type}</span>}
      onClose={onClose}
    >
      <NameInput key={`${node.id} ${node.name}`} node={node} />
      {others.map((fault) => (
        <p key={`${fault.path} ${fault.code}`} className={classes.fault} role="alert">
          {withoutName(fault.message, node)}
        </p>
      ))}
      <Tabs
        value={tab === 'last' && last === null ? 'params' : tab}
        onChange={setTab}
        keepMounted={false}
      >
        <Tabs.List>
          <Tabs.Tab value="params">Parameters</Tabs.Tab>
          <Tabs.Tab value="settings">Settings</Tabs.Tab>
          {last !== null && (
            <Tabs.Tab value="last" leftSection={<StatusSign status={last.step.status} />}>
              Last run
            </Tabs.Tab>
          )}
        </Tabs.List>
        <Tabs.Panel
          data-node-form
          value="params"
          pt="sm"
          onKeyDown={(event) => leaveByEscape(event, node.id)}
        >
          {type !== undefined && (
            <p className={classes.quiet}>
              <WithCode text={type.description} />
            </p>
          )}
          {node.type === 'webhook' && (
            <Listen key={node.id} workflow={workflow} node={node} flush={() => saver.flush()} />
          )}
          <MappingContext value={mapping}>
            <SampleContext value={{ sample, place }}>
              <ItemChooser count={sample.items.length} place={place} onChoose={setChosen} />
              <InputFields key={`${node.id} data`} />
              <CredentialTypesContext value={type ? credentialTypesOf(type, node.params) : []}>
                <ParamsForm
                  key={node.id}
                  params={params}
                  root={root}
                  value={node.params}
                  faultAt={faultAt}
                  onChange={(next) => set({ params: next }, 'parameters')}
                />
              </CredentialTypesContext>
            </SampleContext>
          </MappingContext>
          {root['x-preview'] === 'schedule' && (
            <NextTimes params={node.params} timezone={zoneOf(graph)} />
          )}
          {params.length === 0 && <p className={classes.quiet}>This node has no parameters.</p>}
        </Tabs.Panel>
        <Tabs.Panel value="settings" pt="sm">
          <NodeSettings node={node} isTrigger={type?.kind === 'trigger'} />
        </Tabs.Panel>
        {last !== null && (
          <Tabs.Panel value="last" pt="sm">
            <Iterations {...last} />
            <StepParts
              key={last.step.id}
              run={last.run}
              state={last.step}
              tab={part}
              onTab={setPart}
            />
          </Tabs.Panel>
        )}
      </Tabs>
    </Detail>
  );
}

/** The name, which others mention: it is changed as a whole, with Enter or by leaving the field. */
function NameInput({ node }: { node: GraphNode }) {
  const { editor, codeOf } = useEditing();
  const [typed, setTyped] = useState(node.name);
  const commit = () => {
    if (typed.trim() === '') setTyped(node.name);
    else editor.edit({ label: 'Rename' }, (graph) => rename(graph, node.id, typed, codeOf));
  };
  return (
    <TextInput
      id={NAME_FIELD}
      label="Name"
      mb="sm"
      maxLength={128}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === 'Enter') commit();
        if (event.key === 'Escape') setTyped(node.name);
      }}
    />
  );
}
