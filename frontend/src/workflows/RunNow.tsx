import { Button } from '@mantine/core';
import { useState } from 'react';
import { ApiError } from '../api/client';
import type { Workflow } from '../api/types';
import { useMay } from '../session/session';
import { Icon } from '../ui/Icon';
import { useFailureNotice } from '../ui/useFailureNotice';
import { useRunNow } from './queries';
import { RunDialog } from './RunDialog';

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
  /** Whether it is known that it cannot start without being told more. */
  asksForInput?: boolean;
  /** Why it cannot be started as it is. */
  hindrance?: string | null;
}

/** Starts a run at once; where the workflow must be told more, it asks. */
export function RunNow({ workflow, isMain, asksForInput = false, hindrance = null }: Props) {
  const runNow = useRunNow(workflow);
  const [isOpen, setOpen] = useState(false);
  const isAsked = isAskingForInput(runNow.error);
  useFailureNotice(isAsked ? null : runNow.error, `${workflow.name} was not started`);
  if (!useMayRun(workflow)) return null;
  return (
    <>
      <Button
        variant={isMain ? 'filled' : 'default'}
        leftSection={<Icon name="play" size={13} />}
        title={hindrance ?? (workflow.version === null ? RUNS_DRAFT : undefined)}
        disabled={hindrance !== null}
        loading={runNow.isPending}
        onClick={() => (asksForInput ? setOpen(true) : runNow.mutate(null))}
      >
        Run now
      </Button>
      {(isOpen || isAsked) && (
        <RunDialog
          workflow={workflow}
          onClose={() => {
            setOpen(false);
            runNow.reset();
          }}
        />
      )}
    </>
  );
}

/** Whether the run was refused for what it was not given. */
function isAskingForInput(error: Error | null): boolean {
  return error instanceof ApiError && error.faults.some(({ path }) => path.startsWith('input['));
}

export function RunWithInput({ workflow, hindrance = null }: Omit<Props, 'isMain'>) {
  const [isOpen, setOpen] = useState(false);
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
      {isOpen && <RunDialog workflow={workflow} onClose={() => setOpen(false)} />}
    </>
  );
}
