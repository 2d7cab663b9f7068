import { Button, CloseButton, Modal, Tabs } from '@mantine/core';
import { useEffect, useRef, type ReactNode } from 'react';
import { stepFrom } from '../graph/walk';
import { InputData } from '../params/InputData';
import { ItemChooser } from '../params/ItemChooser';
import { hasData } from '../params/sample';
import { WithSample } from '../params/WithSample';
import { Icon, type IconName } from '../ui/Icon';
import { useIsNarrow } from '../ui/useIsNarrow';
import { atEscape } from './atEscape';
import { useAction, useEditorState } from './context';
import { Deed } from './Deed';
import { NodeForm } from './NodeForm';
import type { ShownNode } from './NodePanel';
import { NodeOutput } from './NodeOutput';
import classes from './NodeView.module.css';

interface Props extends ShownNode {
  /** A run is about to start. */
  isStarting: boolean;
  onClose: () => void;
}

/** A node over the canvas: what came in, its form, and what went out. */
export function NodeView({ node, type, told, last, sample, isStarting, onClose }: Props) {
  const title = useRef<HTMLHeadingElement>(null);
  // What had the focus may be gone with the node before, or lead nowhere from this one.
  useEffect(() => {
    const at = document.activeElement;
    if (at === document.body || at?.matches(':disabled')) title.current?.focus();
  }, [node.id]);
  return (
    <Modal.Root
      opened
      onClose={onClose}
      // A list or a suggestion that is open is closed first.
      closeOnEscape={false}
      returnFocus={false}
      fullScreen={useIsNarrow()}
      size="100%"
      xOffset="2vw"
      yOffset="3vh"
      padding={0}
    >
      <Modal.Overlay />
      <Modal.Content data-node-view aria-label={node.name} className={classes.frame ?? ''}>
        {/* It takes the focus where something is clicked that takes none: Escape is heard here alone. */}
        <div className={classes.view} tabIndex={-1} onKeyDown={atEscape(onClose)}>
          <header className={classes.head}>
            <Walk to="left" from={node.id} />
            <h2 ref={title} tabIndex={-1} data-autofocus>
              {node.name}
            </h2>
            <Walk to="right" from={node.id} />
            <span className={classes.type}>{type?.label ?? node.type}</span>
            <span className={classes.deeds}>
              <DeedButton of="runTo" icon="play" isBusy={isStarting} />
              <DeedButton of="pin" icon="pin" />
              <DeedButton of="runAlone" icon="retry" isBusy={isStarting} />
            </span>
            <CloseButton
              className={classes.close ?? ''}
              aria-label="Close the view"
              onClick={onClose}
            />
          </header>
          <WithSample sample={sample}>
            <Columns
              input={
                hasData(sample) ? (
                  <InputData key={node.id} />
                ) : (
                  <p className={classes.none}>
                    {type?.inputs.length === 0
                      ? 'This node starts the run: nothing comes in.'
                      : 'Nothing has come in yet. “Run to here” runs the nodes before it, too.'}
                  </p>
                )
              }
              form={<NodeForm node={node} type={type} told={told} lead={<ItemChooser />} />}
              output={<NodeOutput node={node} last={last} />}
            />
          </WithSample>
        </div>
      </Modal.Content>
    </Modal.Root>
  );
}

function Walk({ to, from }: { to: 'left' | 'right'; from: string }) {
  const { graph } = useEditorState();
  const walk = useAction(`go-${to}`);
  const isSome = stepFrom(graph, from, to) !== null;
  return <Deed action={walk && { ...walk, isPossible: isSome }} icon={to} />;
}

interface DeedProps {
  of: string;
  icon: IconName;
  isBusy?: boolean;
}

function DeedButton({ of, icon, isBusy = false }: DeedProps) {
  const action = useAction(of);
  return (
    <Button
      variant="default"
      leftSection={<Icon name={icon} size={13} />}
      disabled={action?.isPossible !== true}
      // Disabled for that moment, it would lose the focus.
      aria-disabled={isBusy || undefined}
      data-disabled={isBusy || undefined}
      onClick={() => !isBusy && action?.run()}
    >
      {action?.label}
    </Button>
  );
}

interface ColumnsProps {
  input: ReactNode;
  form: ReactNode;
  output: ReactNode;
}

/** Beside each other; where there is no room for that, one at a time. */
function Columns({ input, form, output }: ColumnsProps) {
  const columns = [
    { name: 'Input', shown: input },
    { name: 'Form', shown: form },
    { name: 'Output', shown: output },
  ];
  return useIsNarrow() ? (
    // All stay at work: a field of the form takes what is used of the input.
    <Tabs
      defaultValue="Form"
      keepMounted
      keepMountedMode="display-none"
      className={classes.tabs ?? ''}
    >
      <Tabs.List grow>
        {columns.map(({ name }) => (
          <Tabs.Tab key={name} value={name}>
            {name}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {columns.map(({ name, shown }) => (
        <Tabs.Panel key={name} value={name} className={classes.column ?? ''}>
          {shown}
        </Tabs.Panel>
      ))}
    </Tabs>
  ) : (
    <div className={classes.columns}>
      {columns.map(({ name, shown }) => (
        <section key={name} aria-label={name} className={classes.column}>
          <h3>{name}</h3>
          {shown}
        </section>
      ))}
    </div>
  );
}
