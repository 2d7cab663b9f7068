import { Checkbox, MultiSelect, NumberInput } from '@mantine/core';
import type { GraphNode, Retry } from '../api/types';
import { useNodeTypes } from '../workflows/queries';
import { useSet } from './useSet';

/** As docs/graphs.md has them. */
const MOST_ATTEMPTS = 20;
const DEFAULTS = { wait_s: 1, factor: 2, max_wait_s: 300 };

/** Whether, when and after which errors a node is tried again. */
export function RetrySettings({ node }: { node: GraphNode }) {
  const set = useSet(node);
  const { retryable } = useNodeTypes();
  const { retry = {} } = node;
  const change = (members: Retry) => set({ retry: { ...retry, ...members } }, 'retries');
  const number = (name: keyof typeof DEFAULTS, label: string, least: number) => (
    <NumberInput
      label={label}
      size="xs"
      min={least}
      placeholder={`${DEFAULTS[name]}`}
      value={retry[name] ?? ''}
      onChange={(value) => change({ [name]: value === '' ? undefined : Number(value) })}
    />
  );
  return (
    <>
      <NumberInput
        label="Attempts after a failure"
        size="xs"
        min={0}
        max={MOST_ATTEMPTS}
        value={retry.count ?? 0}
        onChange={(count) => change({ count: Number(count) || 0 })}
      />
      {(retry.count ?? 0) > 0 && (
        <>
          {number('wait_s', 'Wait before the first of them, in seconds', 0)}
          {number('factor', 'Each wait so many times as long', 1)}
          {number('max_wait_s', 'Longest wait, in seconds', 0)}
          <Checkbox
            size="xs"
            label="Vary the waits, so that many do not come at once"
            checked={retry.jitter ?? true}
            onChange={(event) => change({ jitter: event.currentTarget.checked })}
          />
          <MultiSelect
            label="After these errors"
            size="xs"
            data={retryable.map(({ code, meaning }) => ({ value: code, label: meaning }))}
            clearable
            placeholder={retry.on?.length ? '' : 'All that may pass by themselves'}
            value={retry.on ?? []}
            onChange={(on) => change({ on })}
          />
        </>
      )}
    </>
  );
}
