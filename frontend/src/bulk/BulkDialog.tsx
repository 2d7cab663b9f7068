import { Button, Group, Modal, Select, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { BulkEstimate } from '../api/types';
import { useSession } from '../session/session';
import { counted } from '../ui/counted';
import { Notice } from '../ui/Notice';
import { ErrorNotice, LoadingNotice } from '../ui/Notices';
import { Read } from '../ui/Read';
import { VERSIONS } from '../runs/versions';
import { useBegin, useEstimate, type Asked } from './queries';

type Choice = 'cancel' | 'failed' | 'start';

const CHOICES: { value: Choice; label: string }[] = [
  { value: 'cancel', label: 'Cancel those that are open' },
  { value: 'failed', label: 'Retry from what failed' },
  { value: 'start', label: 'Retry from the start' },
];

interface Props {
  filter: Asked['filter'];
  /** The filter in words. */
  about: string;
  onBegun: (job: string) => void;
  onClose: () => void;
}

/** Asks what to do to all runs that the filter finds, and counts before anything is done. */
export function BulkDialog({ filter, about, onBegun, onClose }: Props) {
  const { workspace } = useSession();
  const [choice, choose] = useState<Choice>(firstChoice(filter.status ?? []));
  const [version, setVersion] = useState<'same' | 'published'>('same');
  const asked: Asked = {
    deed: choice === 'cancel' ? 'cancel' : 'retry',
    ...(choice !== 'cancel' && { from: choice, version }),
    filter,
  };
  const estimate = useEstimate(workspace.id, asked);
  const begin = useBegin(workspace.id);
  const verb = choice === 'cancel' ? 'Cancel' : 'Retry';
  const runs = estimate.isFetching ? undefined : estimate.data?.runs;
  return (
    <Modal opened onClose={onClose} title="Act on all that match" size="lg">
      <Stack gap="sm">
        <Text size="sm">{about}</Text>
        <Select
          label="Do"
          data={CHOICES}
          value={choice}
          allowDeselect={false}
          onChange={(value) => value !== null && choose(value)}
        />
        {choice !== 'cancel' && (
          <Select
            label="On"
            data={VERSIONS}
            value={version}
            allowDeselect={false}
            onChange={(value) => value !== null && setVersion(value)}
          />
        )}
        {estimate.isFetching ? (
          <LoadingNotice what="the count" />
        ) : (
          <Read of={estimate} what="the count">
            {(estimate) => <Estimate estimate={estimate} choice={choice} />}
          </Read>
        )}
        {begin.error !== null && <ErrorNotice error={begin.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Do nothing
          </Button>
          <Button
            {...(choice === 'cancel' && { color: 'red' })}
            disabled={runs === undefined || runs === 0}
            loading={begin.isPending}
            onClick={() => begin.mutate(asked, { onSuccess: ({ id }) => onBegun(id) })}
          >
            {runs === undefined ? verb : `${verb} ${counted(runs, 'run')}`}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** What is mostly wanted of such runs. */
function firstChoice(statuses: string[]): Choice {
  const areAll = (...some: string[]) =>
    statuses.length > 0 && statuses.every((status) => some.includes(status));
  if (areAll('pending', 'running', 'waiting')) return 'cancel';
  return areAll('completed') ? 'start' : 'failed';
}

const WORDS: Record<Choice, { none: string; steps: string; effects: string; hint: string }> = {
  cancel: {
    none: 'None of them can be cancelled.',
    steps: 'not at their end',
    effects: 'Of these, what may have reached the outside already:',
    hint: 'No further step begins. What was sent is not undone.',
  },
  failed: {
    none: 'None of them failed or was cancelled and is not retried yet.',
    steps: 'executed again',
    effects: 'Of these, what reaches the outside again:',
    hint: 'Finished steps are taken over. What follows the failed ones comes on top.',
  },
  start: {
    none: 'None of them has ended.',
    steps: 'executed again',
    effects: 'Of these, what reaches the outside again:',
    hint: 'Counted by what they have done so far.',
  },
};

function Estimate({ estimate, choice }: { estimate: BulkEstimate; choice: Choice }) {
  const { runs, steps, effects } = estimate;
  const words = WORDS[choice];
  if (runs === 0) return <Notice tone="stopped" icon="circle" title={words.none} role="status" />;
  return (
    <Notice
      tone={effects.length > 0 ? 'waiting' : 'stopped'}
      icon={effects.length > 0 ? 'warning' : 'circle'}
      title={`${counted(runs, 'run')}, ${counted(steps, 'step')} ${words.steps}`}
      role="status"
    >
      {effects.length > 0 && (
        <div>
          {words.effects}
          <ul style={{ margin: 0, paddingLeft: 18 }}>
            {effects.map(({ type, label, count }) => (
              <li key={type}>
                {label}: {counted(count, 'step')}
              </li>
            ))}
          </ul>
        </div>
      )}
      <Text size="sm" c="var(--ff-muted)">
        {words.hint}
      </Text>
    </Notice>
  );
}
