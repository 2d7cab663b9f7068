import { Tabs } from '@mantine/core';
import { useState, type KeyboardEvent, type ReactNode } from 'react';
import type { GraphNode, NodeType } from '../api/types';
import { zoneOf } from '../graph/zone';
import { credentialTypesOf } from '../params/credentialTypes';
import { ParamsForm } from '../params/ParamsForm';
import { CredentialTypesContext } from '../params/pickers';
import { paramsOf, type ParamSchema } from '../params/shape';
import { ToldContext, ToldList } from '../params/Told';
import { UnreadContext, type UnreadFields } from '../params/unread';
import { NextTimes } from '../schedules/NextTimes';
import { WithCode } from '../ui/WithCode';
import { Listen } from '../webhooks/Listen';
import { useEditing, useEditorState, useUnread } from './context';
import classes from './editor.module.css';
import { NameInput } from './NameInput';
import { NodeSettings } from './NodeSettings';
import { fieldOf, PARAMS, toldBelow, withoutName, type Problem } from './problems';
import { useSet } from './useSet';

/** A tab beside those of the form. */
interface MoreTab {
  name: string;
  sign: ReactNode;
  shown: ReactNode;
}

interface Props {
  node: GraphNode;
  type: NodeType | undefined;
  /** What is said of this node; paths begin within it, as "params.url". */
  told: Problem[];
  /** What stands above the parameters. */
  lead: ReactNode;
  more?: MoreTab | null;
  onKeyDown?: (event: KeyboardEvent) => void;
}

/** Begin to edit what the node whose form is shown is set to do. */
export function focusForm(): void {
  const form = document.querySelector('[data-node-form]');
  const field = form?.querySelector<HTMLElement>('input, textarea, [contenteditable="true"]');
  (field ?? form?.querySelector('button'))?.focus();
}

/** What a node is set to do, to be changed: its name, its parameters, and how it runs. */
export function NodeForm({ node, type, told, lead, more = null, onKeyDown }: Props) {
  const { workflow, saver } = useEditing();
  // Kept from node to node: who looks at what nodes gave goes on to look at that.
  const [tab, setTab] = useState<string | null>('params');
  const preview = ((type?.params_schema ?? {}) as ParamSchema)['x-preview'];
  const named = told.map((each) => ({ ...each, message: withoutName(each.message, node) }));
  const params = toldBelow(PARAMS, named);
  return (
    <div className={classes.node} onKeyDown={onKeyDown}>
      <NameInput key={`${node.id} ${node.name}`} node={node} />
      <ToldList told={named.filter((each) => fieldOf(each) === '')} />
      <Tabs
        value={tab === 'more' && more === null ? 'params' : tab}
        onChange={setTab}
        keepMounted={false}
      >
        <Tabs.List>
          <Tabs.Tab value="params">Parameters</Tabs.Tab>
          <Tabs.Tab value="settings">Settings</Tabs.Tab>
          {more !== null && (
            <Tabs.Tab value="more" leftSection={more.sign}>
              {more.name}
            </Tabs.Tab>
          )}
        </Tabs.List>
        <Tabs.Panel data-node-form value="params" pt="sm">
          {type !== undefined && (
            <p className={classes.quiet}>
              <WithCode text={type.description} />
            </p>
          )}
          {preview === 'request' && (
            <Listen key={node.id} workflow={workflow} node={node} flush={() => saver.flush()} />
          )}
          {lead}
          <ToldContext value={params}>
            <Params node={node} type={type} />
          </ToldContext>
        </Tabs.Panel>
        <Tabs.Panel value="settings" pt="sm">
          <NodeSettings node={node} isTrigger={type?.kind === 'trigger'} />
        </Tabs.Panel>
        {more !== null && (
          <Tabs.Panel value="more" pt="sm">
            {more.shown}
          </Tabs.Panel>
        )}
      </Tabs>
    </div>
  );
}

function Params({ node, type }: Pick<Props, 'node' | 'type'>) {
  const { graph } = useEditorState();
  const { unread } = useEditing();
  const known = useUnread();
  const set = useSet(node);
  const root = (type?.params_schema ?? {}) as ParamSchema;
  const params = paramsOf(root, root);
  const texts: UnreadFields = {
    at: (path) => known.find((each) => each.node === node.id && each.path === path)?.text,
    keep: (path, text, why) => unread.keep({ node: node.id, path, text, why }),
    forget: (path) => unread.forget(node.id, path),
    arrange: (path, order) => unread.arrange(node.id, path, order),
  };
  return (
    <>
      <CredentialTypesContext value={type ? credentialTypesOf(type, node.params) : []}>
        <UnreadContext value={texts}>
          <ParamsForm
            key={node.id}
            params={params}
            root={root}
            value={node.params}
            onChange={(next) => set({ params: next }, 'parameters')}
          />
        </UnreadContext>
      </CredentialTypesContext>
      {root['x-preview'] === 'schedule' && (
        <NextTimes params={node.params} timezone={zoneOf(graph)} />
      )}
      {params.length === 0 && <p className={classes.quiet}>This node has no parameters.</p>}
    </>
  );
}
