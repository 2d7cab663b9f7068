import { Button, Menu, Text } from '@mantine/core';
import { useState } from 'react';
import type { Run, RunStatus } from '../api/types';
import { useMay } from '../session/session';
import { ConfirmDialog } from '../ui/ConfirmDialog';
import { Icon } from '../ui/Icon';
import { useFailureNotice } from '../ui/useFailureNotice';
import { isFinished } from './events';
import { useCancel, useRetry } from './queries';
import { RetryDialog } from './RetryDialog';
import { ON_DRAFT } from './versions';

interface Props {
  run: Run;
  status: RunStatus;
  /** What is done with a run that a retry made; without, the page goes there. */
  onMade?: (made: Run) => void;
  /** Saves the draft, where one is open: a retry goes on that. */
  flush?: (() => Promise<number>) | undefined;
}

/** What may be done to the run as it is now: cancel it, or retry it once it has ended. */
export function RunActions(props: Props) {
  const { run, status } = props;
  const mayOperate = useMay('operator');
  if (!mayOperate) return null;
  return isFinished(status) ? <Retry {...props} /> : <Cancel run={run} />;
}

function Cancel({ run }: { run: Run }) {
  const cancel = useCancel(run.id);
  const [isAsking, setAsking] = useState(false);
  const isAsked = cancel.isSuccess || run.cancel !== null;
  return (
    <>
      <Button
        variant="default"
        leftSection={<Icon name="stop" size={14} />}
        loading={cancel.isPending}
        disabled={isAsked}
        onClick={() => setAsking(true)}
      >
        {isAsked ? 'Cancelling…' : 'Cancel run'}
      </Button>
      <ConfirmDialog
        opened={isAsking}
        title="Cancel this run?"
        yes="Cancel it"
        no="Keep it running"
        isFinal
        doing={cancel}
        onYes={() => cancel.mutate(undefined, { onSuccess: () => setAsking(false) })}
        onClose={() => setAsking(false)}
      >
        No further step begins. What is under way is recorded or given up; what was sent is not
        undone.
      </ConfirmDialog>
    </>
  );
}

function Retry({ run, status, onMade, flush }: Props) {
  const [isAsking, setAsking] = useState(false);
  const made =
    onMade &&
    ((next: Run) => {
      setAsking(false);
      onMade(next);
    });
  const retry = useRetry(run.id, made, flush);
  const on = flush === undefined ? {} : { version: ON_DRAFT.value };
  useFailureNotice(retry.error, 'The run was not retried');
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <Button
            leftSection={<Icon name="retry" size={14} />}
            rightSection={<Icon name="down" size={14} />}
            loading={retry.isPending}
          >
            Retry
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {status !== 'completed' && (
            <Menu.Item onClick={() => retry.mutate({ from: 'failed', ...on })}>
              {status === 'failed' ? 'From the failed step' : 'From where it stopped'}
              <Text size="xs" c="var(--ff-muted)">
                {flush === undefined
                  ? 'Finished steps are taken over'
                  : 'On the draft as it is now; finished steps are taken over'}
              </Text>
            </Menu.Item>
          )}
          <Menu.Item onClick={() => retry.mutate({ from: 'start', ...on })}>
            From the start
            <Text size="xs" c="var(--ff-muted)">
              {flush === undefined ? 'Every step runs again' : 'Every step of the draft runs'}
            </Text>
          </Menu.Item>
          <Menu.Item onClick={() => setAsking(true)}>
            Otherwise…
            <Text size="xs" c="var(--ff-muted)">
              From a step, on another version, with other input
            </Text>
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {isAsking && (
        <RetryDialog run={run} onMade={made} flush={flush} onClose={() => setAsking(false)} />
      )}
    </>
  );
}
