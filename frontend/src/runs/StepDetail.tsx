import { Select, Tabs, Text } from '@mantine/core';
import { useState } from 'react';
import { stringifyExact } from '../api/exactJson';
import type { Attempt, GraphNode, LogLine, Step, StepError } from '../api/types';
import { ItemsView } from '../items/ItemsView';
import { CopyText } from '../ui/CopyText';
import { Detail } from '../ui/Detail';
import { JsonView } from '../ui/JsonView';
import { Notice } from '../ui/Notice';
import { Read } from '../ui/Read';
import { StatusBadge } from '../ui/StatusBadge';
import { between, clockTime, fullTime } from '../ui/times';
import { asError, isStopped, type ShownStatus, type StepState } from './events';
import { Files } from './Files';
import { WAITS_FOR } from './lines';
import { useNodeTypes } from '../workflows/queries';
import { useStep } from './queries';
import classes from './StepDetail.module.css';

/** A loop may have many thousands; the others are found by their number. */
const ITERATIONS_LISTED = 200;

const FAILED = { tone: 'failed', icon: 'cross' } as const;
const STOPPED = { tone: 'stopped', icon: 'stop' } as const;

interface Props {
  run: string;
  node: GraphNode | undefined;
  /** The step shown, or undefined when its node has none in this run. */
  step: StepState | undefined;
  /** All steps of the node, in the order of their iterations. */
  siblings: StepState[];
  onSelect: (step: string) => void;
  onClose: () => void;
}

/** What one step took and gave, how it ended, and how often it was tried. */
export function StepDetail({ run, node, step, siblings, onSelect, onClose }: Props) {
  const { labelOf } = useNodeTypes();
  // Kept from step to step: who compares the inputs of two iterations wants to see inputs.
  const [tab, setTab] = useState('output');
  return (
    <Detail
      what="Step"
      title={node?.name ?? step?.node ?? 'Step'}
      facts={
        <>
          {step && <StatusBadge status={step.status} copied={step.copied} />}
          {node && <span>{labelOf(node.type)}</span>}
          {step && <Iterations step={step} siblings={siblings} onSelect={onSelect} />}
        </>
      }
      onClose={onClose}
    >
      {step === undefined ? (
        <p className={classes.none}>This node has not run in this run.</p>
      ) : (
        <StepParts key={step.id} run={run} state={step} tab={tab} onTab={setTab} />
      )}
    </Detail>
  );
}

interface IterationsProps {
  step: StepState;
  /** All steps of its node. */
  siblings: StepState[];
  onSelect: (step: string) => void;
}

/** Which of a node's steps is shown, where it has several. */
export function Iterations({ step, siblings, onSelect }: IterationsProps) {
  if (siblings.length < 2) return null;
  return (
    <Select
      aria-label="Iteration"
      className={classes.iteration}
      data={siblings.map(({ id, iteration, status }) => ({
        value: id,
        label: `#${iteration + 1} ${status}`,
      }))}
      value={step.id}
      allowDeselect={false}
      searchable
      limit={ITERATIONS_LISTED}
      onChange={(id) => id !== null && onSelect(id)}
    />
  );
}

interface PartsProps {
  run: string;
  state: StepState;
  tab: string;
  onTab: (tab: string) => void;
}

/** How a step stands, why it failed, and what it took and gave. */
export function StepParts({ run, state, tab, onTab }: PartsProps) {
  const step = useStep(run, state);
  const failure = state.error ?? (step.data && failureOf(step.data));
  return (
    <>
      {state.waiting && (
        <Notice tone="waiting" icon="clock" title={`Waiting for ${WAITS_FOR[state.waiting.for]}`}>
          {state.waiting.until !== null && `Until ${fullTime(state.waiting.until)}`}
        </Notice>
      )}
      {failure && (
        <Notice {...(isStopped(failure) ? STOPPED : FAILED)} title={failure.message}>
          {failure.hint}
          {failure.code && <code>{failure.code}</code>}
        </Notice>
      )}
      <Read of={step} what="the step">
        {(step) => <Payloads step={step} status={state.status} tab={tab} onTab={onTab} />}
      </Read>
    </>
  );
}

function failureOf(step: Step): StepError | null {
  if (step.error === null) return null;
  return { message: step.error, code: step.error_code, hint: step.error_hint };
}

interface PayloadsProps {
  step: Step;
  status: ShownStatus;
  tab: string;
  onTab: (tab: string) => void;
}

function Payloads({ step, status, tab, onTab }: PayloadsProps) {
  return (
    <>
      <dl className={classes.times}>
        <dt>Started</dt>
        <dd>{fullTime(step.started_at)}</dd>
        <dt>Took</dt>
        <dd>{between(step.started_at, step.finished_at)}</dd>
        {step.copied_from !== null && (
          <>
            <dt>Taken over</dt>
            <dd>from an earlier run</dd>
          </>
        )}
      </dl>
      <Tabs
        value={tab}
        onChange={(tab) => onTab(tab ?? 'output')}
        keepMounted={false}
        classNames={{ tab: classes.tab ?? '' }}
      >
        <Tabs.List>
          <Tabs.Tab value="output">Output</Tabs.Tab>
          <Tabs.Tab value="input">Input</Tabs.Tab>
          <Tabs.Tab value="attempts">Attempts ({step.attempts.length})</Tabs.Tab>
          <Tabs.Tab value="log">Log ({step.log.length})</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="output" pt="sm">
          <Items value={step.output_json} none={noOutput(status)} />
        </Tabs.Panel>
        <Tabs.Panel value="input" pt="sm">
          <Items value={step.input_json} none="This step took no items." />
        </Tabs.Panel>
        <Tabs.Panel value="attempts" pt="sm">
          <Attempts attempts={step.attempts} />
        </Tabs.Panel>
        <Tabs.Panel value="log" pt="sm">
          <Log lines={step.log} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

function noOutput(status: ShownStatus): string {
  if (status === 'skipped') return 'This step was skipped: no items came its way.';
  if (status === 'failed') return 'This step failed before it gave items.';
  if (status === 'stopped') return 'This step was stopped before it gave items.';
  return status === 'completed' ? 'This step gave no items.' : 'This step has not given items yet.';
}

/** `{"main": [items]}`, one part for each input or output. */
export function Items({ value, none }: { value: unknown; none: string }) {
  if (typeof value !== 'object' || value === null) return <p className={classes.none}>{none}</p>;
  const parts = Object.entries(value);
  if (parts.length === 0) return <p className={classes.none}>{none}</p>;
  return parts.map(([name, items]: [string, unknown]) => (
    <section key={name} className={classes.items} aria-label={name}>
      <div className={classes.itemsHead}>
        <span>
          <strong>{name}</strong>
          {Array.isArray(items) && ` · ${items.length} ${items.length === 1 ? 'item' : 'items'}`}
        </span>
        <CopyText text={stringifyExact(items)} />
      </div>
      {Array.isArray(items) ? <ItemsView items={items} /> : <JsonView value={items} />}
      {Array.isArray(items) && <Files items={items} />}
    </section>
  ));
}

function Attempts({ attempts }: { attempts: Attempt[] }) {
  if (attempts.length === 0) return <p className={classes.none}>This step was never tried.</p>;
  return (
    <ol className={classes.attempts}>
      {attempts.map((attempt) => {
        const failure = asError(attempt.error);
        return (
          <li key={attempt.seq}>
            <div>
              <strong>Attempt {attempt.n}</strong>{' '}
              <span className={classes.quiet} title={fullTime(attempt.at)}>
                {clockTime(attempt.at)}
                {attempt.worker != null && ` · worker ${attempt.worker}`}
                {attempt.pinned && ' · pinned, not run'}
              </span>
            </div>
            {failure && (
              <Text size="sm" c="var(--ff-failed)">
                {failure.message} {failure.code && <code>{failure.code}</code>}
              </Text>
            )}
          </li>
        );
      })}
    </ol>
  );
}

function Log({ lines }: { lines: LogLine[] }) {
  if (lines.length === 0) return <p className={classes.none}>This step logged nothing.</p>;
  return (
    <ol className={classes.log}>
      {lines.map((line) => (
        <li key={line.seq}>
          <span className={classes.quiet}>
            {clockTime(line.at)} {line.level}
          </span>{' '}
          {line.text}
        </li>
      ))}
    </ol>
  );
}
