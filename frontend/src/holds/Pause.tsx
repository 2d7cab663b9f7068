import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { useState, type SyntheticEvent } from 'react';
import { Icon } from '../ui/Icon';
import { ErrorNotice } from '../ui/Notices';
import { useHold, usePause, type Held } from './queries';
import { useMayHold } from './useMayHold';

const PAUSE = {
  workflow: 'Pause',
  workspace: 'Pause workspace',
  everything: 'Pause everything',
};
const PAUSE_THIS = {
  workflow: 'Pause this workflow',
  workspace: 'Pause this workspace',
  everything: 'Pause all workspaces',
};

/** Pauses what is not paused, after a question for the reason. Its notice resumes it. */
export function Pause({ what }: { what: Held }) {
  const { data: hold } = useHold(what);
  const [isAsking, setAsking] = useState(false);
  const mayHold = useMayHold(what);
  if (!mayHold || hold?.held !== false) return null;
  return (
    <>
      <Button
        variant="default"
        leftSection={<Icon name="pause" size={13} />}
        onClick={() => setAsking(true)}
      >
        {PAUSE[what.kind]}…
      </Button>
      <Modal opened={isAsking} onClose={() => setAsking(false)} title={`${PAUSE_THIS[what.kind]}?`}>
        <PauseForm what={what} onClose={() => setAsking(false)} />
      </Modal>
    </>
  );
}

function PauseForm({ what, onClose }: { what: Held; onClose: () => void }) {
  const pause = usePause(what);
  const [reason, setReason] = useState('');

  function send(event: SyntheticEvent) {
    event.preventDefault();
    pause.mutate(reason, { onSuccess: onClose });
  }

  return (
    <form noValidate onSubmit={send}>
      <Stack gap="sm">
        <Text size="sm">
          {what.kind === 'everything' ? 'No run' : 'None of its runs'} begins or goes on until it is
          resumed. What runs just now runs to its end, and triggers go on making runs: nothing is
          lost.
        </Text>
        <Textarea
          label="Reason"
          required={what.kind === 'everything'}
          description="Shown with the pause, and with each run that waits for it."
          value={reason}
          maxLength={500}
          autosize
          data-autofocus
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {pause.error !== null && <ErrorNotice error={pause.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Keep it going
          </Button>
          <Button type="submit" loading={pause.isPending}>
            Pause
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
