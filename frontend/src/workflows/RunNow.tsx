import { Button, Modal, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { Workflow } from '../api/types';
import { useMay } from '../session/session';
import { Icon } from '../ui/Icon';
import { JsonField } from '../ui/JsonField';
import { isJson } from '../ui/isJson';
import { ErrorNotice } from '../ui/Notices';
import { useFailureNotice } from '../ui/useFailureNotice';
import { useRunNow } from './queries';

const RUNS_DRAFT = 'Runs the draft: nothing is published yet';

/** Whether this person may start the workflow: its draft is run only by who may edit it. */
export function useMayRun(workflow: Workflow): boolean {
  const mayRun = useMay('operator');
  const mayRunDraft = useMay('editor');
  return workflow.status !== 'archived' && (workflow.version === null ? mayRunDraft : mayRun);
}

interface Props {
  workflow: Workflow;
  isMain?: boolean;
  /** Why it cannot be started as it is. */
  hindrance?: string | null;
}

export function RunNow({ workflow, isMain, hindrance = null }: Props) {
  const runNow = useRunNow(workflow);
  useFailureNotice(runNow.error, `${workflow.name} was not started`);
  if (!useMayRun(workflow)) return null;
  return (
    <Button
      variant={isMain ? 'filled' : 'default'}
      leftSection={<Icon name="play" size={13} />}
      title={hindrance ?? (workflow.version === null ? RUNS_DRAFT : undefined)}
      disabled={hindrance !== null}
      loading={runNow.isPending}
      onClick={() => runNow.mutate(null)}
    >
      Run now
    </Button>
  );
}

export function RunWithInput({ workflow, hindrance = null }: Omit<Props, 'isMain'>) {
  const runNow = useRunNow(workflow);
  const [isOpen, setOpen] = useState(false);
  const [input, setInput] = useState('[\n  {}\n]');
  if (!useMayRun(workflow)) return null;
  return (
    <>
      <Button
        variant="default"
        title={hindrance ?? undefined}
        disabled={hindrance !== null}
        onClick={() => setOpen(true)}
      >
        Run with input…
      </Button>
      <Modal
        opened={isOpen}
        onClose={() => setOpen(false)}
        title={`Run ${workflow.name}`}
        size="lg"
      >
        <Stack>
          <Text size="sm">
            One object, or a list of objects: each becomes an item that the trigger gives.
          </Text>
          <JsonField label="Input" value={input} onChange={setInput} />
          {runNow.error !== null && <ErrorNotice error={runNow.error} />}
          <Button
            size="sm"
            disabled={!isJson(input)}
            loading={runNow.isPending}
            onClick={() => runNow.mutate(input)}
          >
            Start the run
          </Button>
        </Stack>
      </Modal>
    </>
  );
}
