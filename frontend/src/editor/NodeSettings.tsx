import { Checkbox, NumberInput, Select, Textarea } from '@mantine/core';
import type { GraphNode } from '../api/types';
import { RetrySettings } from './RetrySettings';
import classes from './editor.module.css';
import { useSet } from './useSet';

interface Props {
  node: GraphNode;
  isTrigger: boolean;
}

/** What a node takes that says nothing of it. */
const DEFAULT_TIMEOUT_S = 60;

const ON_ERROR = [
  { value: 'stop', label: 'Stop the run' },
  { value: 'continue', label: 'Go on with the error as data' },
  { value: 'route', label: 'Go on by the output “error”' },
];
const ON_CRASH = [
  { value: 'run_again', label: 'Run again' },
  { value: 'fail', label: 'Fail' },
  { value: 'ask', label: 'Ask for a decision' },
];

/** How a node runs, whatever its type. */
export function NodeSettings({ node, isTrigger }: Props) {
  const set = useSet(node);
  return (
    <div className={classes.settings}>
      <Checkbox
        size="xs"
        label="Disabled"
        checked={node.disabled ?? false}
        onChange={(event) => set({ disabled: event.currentTarget.checked }, 'disabled')}
      />
      {!isTrigger && (
        <>
          <Select
            label="On error"
            data={ON_ERROR}
            allowDeselect={false}
            value={node.on_error ?? 'stop'}
            onChange={(value) => set({ on_error: value as 'stop' }, 'on error')}
          />
          <RetrySettings node={node} />
          <Select
            label="If its worker is lost"
            data={ON_CRASH}
            placeholder="As its type does"
            clearable
            value={node.on_crash ?? null}
            onChange={(value) => set({ on_crash: value as 'ask' | null }, 'on crash')}
          />
          <NumberInput
            label="Timeout of an attempt, in seconds"
            size="xs"
            min={1}
            placeholder={`${DEFAULT_TIMEOUT_S}`}
            value={node.timeout_s ?? ''}
            // An emptied field: it has no timeout of its own.
            onChange={(seconds) => set({ timeout_s: Number(seconds) || undefined }, 'timeout')}
          />
          <Checkbox
            size="xs"
            label="Take only the first item"
            checked={node.run_once ?? false}
            onChange={(event) => set({ run_once: event.currentTarget.checked }, 'first item')}
          />
          <Checkbox
            size="xs"
            label="Give an empty item instead of none"
            checked={node.always_output ?? false}
            onChange={(event) => set({ always_output: event.currentTarget.checked }, 'output')}
          />
        </>
      )}
      <Textarea
        label="Notes"
        size="xs"
        autosize
        minRows={2}
        value={node.notes ?? ''}
        onChange={(event) => set({ notes: event.currentTarget.value }, 'notes')}
      />
    </div>
  );
}
