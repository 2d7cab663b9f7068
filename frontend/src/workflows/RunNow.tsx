import { Button } from '@mantine/core';
import { useState } from 'react';
import type { Workflow } from '../api/types';
import { useMay } from '../session/session';
import { Icon } from '../ui/Icon';
import { useFailureNotice } from '../ui/useFailureNotice';
import { useRunAtOnce } from './queries';
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
  /** Why it cannot be started as it is. */
  hindrance?: string | null;
}

/** Starts a run at once where it begins at a Manual node that asks for nothing, else asks first. */
export function RunNow({ workflow, isMain, hindrance = null }: Props) {
  const [isOpen, setOpen] = useState(false);
  const run = useRunAtOnce(workflow, () => setOpen(true));
  useFailureNotice(run.error, `${workflow.name} was not started`);
  if (!useMayRun(workflow)) return null;
  return (
    <>
      <Button
        variant={isMain ? 'filled' : 'default'}
        leftSection={<Icon name="play" size={13} />}
        title={hindrance ?? (workflow.version === null ? RUNS_DRAFT : undefined)}
        disabled={hindrance !== null}
        loading={run.isPending}
        onClick={() => run.mutate()}
      >
        Run now
      </Button>
      {isOpen && <RunDialog workflow={workflow} onClose={() => setOpen(false)} />}
    </>
  );
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
