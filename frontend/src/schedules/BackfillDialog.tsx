import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import type { BackfillEstimate, Schedule } from '../api/types';
import { counted } from '../ui/counted';
import { Facts, type Fact } from '../ui/Facts';
import { FormDialog } from '../ui/FormDialog';
import { Notice } from '../ui/Notice';
import { ErrorNotice } from '../ui/Notices';
import { fieldOf, momentOf } from '../ui/times';
import { useBackfill, useBackfillEstimate, type Span } from './queries';
import { haveSeconds, zonedTime } from './zoned';

interface Props {
  schedule: Schedule;
  onClose: () => void;
}

/** Asks for a span of the past, tells what making up for it would do, and only then does it. */
export function BackfillDialog({ schedule, onClose }: Props) {
  const [from, setFrom] = useState<string | null>(null);
  const [to, setTo] = useState<string | null>(null);
  const estimate = useBackfillEstimate(schedule);
  const span = from !== null && to !== null ? { from, to } : null;
  if (span !== null && estimate.data !== undefined) {
    return (
      <Confirmation
        schedule={schedule}
        span={span}
        estimate={estimate.data}
        onBack={() => estimate.reset()}
        onClose={onClose}
      />
    );
  }
  return (
    <FormDialog
      title="Make up for past times"
      send="Count"
      isReady={span !== null}
      sending={estimate}
      onSend={() => span !== null && estimate.mutate(span)}
      onClose={onClose}
    >
      <Text size="sm">
        Each time of the span that has no run is given one. First it is counted how many these are.
      </Text>
      <TextInput
        label="From, by your clock"
        type="datetime-local"
        value={fieldOf(from)}
        onChange={(event) => setFrom(momentOf(event.currentTarget.value))}
      />
      <TextInput
        label="To, by your clock"
        type="datetime-local"
        value={fieldOf(to)}
        onChange={(event) => setTo(momentOf(event.currentTarget.value))}
      />
    </FormDialog>
  );
}

interface Counted extends Props {
  span: Span;
  estimate: BackfillEstimate;
  onBack: () => void;
}

function Confirmation({ schedule, span, estimate, onBack, onClose }: Counted) {
  const backfill = useBackfill(schedule);
  const runs = counted(estimate.slots.length, 'run');
  const begin = () =>
    backfill.mutate(span, {
      onSuccess: ({ slots }) => {
        notifications.show({
          message: `${counted(slots.length, 'time')} made up for`,
          role: 'status',
        });
        onClose();
      },
    });
  return (
    <Modal opened onClose={onClose} title="Make up for past times">
      <Stack gap="sm">
        <Estimate schedule={schedule} estimate={estimate} />
        {backfill.error !== null && <ErrorNotice error={backfill.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onBack}>
            Another span
          </Button>
          {estimate.slots.length > 0 && (
            <Button loading={backfill.isPending} onClick={begin}>
              Make {runs}
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}

function Estimate({ schedule, estimate }: { schedule: Schedule; estimate: BackfillEstimate }) {
  const { slots, skipped, most, effects } = estimate;
  const [first, last] = [slots[0], slots.at(-1)];
  const withSeconds = haveSeconds(slots);
  const said = (moment: string) => zonedTime(moment, schedule.timezone, withSeconds);
  const facts: Fact[] = [
    ...(first !== undefined && last !== undefined
      ? ([
          ['First', said(first)],
          ['Last', said(last)],
          ['Time zone', schedule.timezone],
        ] satisfies Fact[])
      : []),
    ['Left out', skipped === 0 ? 'None' : `${counted(skipped, 'time')} with a run, or queued`],
    ['At most', counted(most, 'run')],
  ];
  return (
    <>
      <Notice
        tone={effects.length > 0 && slots.length > 0 ? 'waiting' : 'stopped'}
        icon={effects.length > 0 && slots.length > 0 ? 'warning' : 'circle'}
        title={
          slots.length > 0
            ? `${counted(slots.length, 'run')} would be made`
            : 'No time of that span is without a run'
        }
        role="status"
      >
        {slots.length > 0 &&
          (effects.length > 0
            ? `Each may reach the outside by ${effects
                .map(({ label, count }) => (count === 1 ? label : `${count} ${label}`))
                .join(', ')}.`
            : 'None of their nodes reaches the outside.')}
      </Notice>
      <Facts facts={facts} />
    </>
  );
}
