import { ActionIcon, Menu } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Suspense, useState } from 'react';
import type { Workflow } from '../api/types';
import { useMay } from '../session/session';
import { Icon } from '../ui/Icon';
import { lazyPage } from '../ui/lazyPage';
import { useFailureNotice } from '../ui/useFailureNotice';
import { draftOf, useMove } from './deeds';
import { LONGEST_NAME, useMakeWorkflow } from './makeWorkflow';

// Loaded once somebody asks for them: the list stands sooner without them.
const DeleteDialog = lazyPage(async () => (await import('./DeleteDialog')).DeleteDialog);
const DetailsDialog = lazyPage(async () => (await import('./DetailsDialog')).DetailsDialog);

/** What is done to a workflow as a whole, by who may edit it. */
export function WorkflowMenu({ workflow }: { workflow: Workflow }) {
  const [asked, ask] = useState<'details' | 'delete' | null>(null);
  const move = useMove(workflow);
  const duplicate = useDuplicate(workflow);
  const isArchived = workflow.status === 'archived';
  useFailureNotice(move.error, `${workflow.name} stays as it is`);
  useFailureNotice(duplicate.error, `${workflow.name} was not duplicated`);
  if (!useMay('editor')) return null;
  const close = () => ask(null);
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`More about ${workflow.name}`}
            loading={duplicate.isPending || move.isPending}
          >
            <Icon name="more" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<Icon name="tag" size={14} />} onClick={() => ask('details')}>
            Name and tags…
          </Menu.Item>
          <Menu.Item
            leftSection={<Icon name="copy" size={14} />}
            onClick={() => duplicate.mutate()}
          >
            Duplicate
          </Menu.Item>
          {workflow.status === 'active' && (
            <Menu.Item
              leftSection={<Icon name="stop" size={14} />}
              onClick={() => move.mutate('deactivate')}
            >
              Deactivate
            </Menu.Item>
          )}
          {workflow.status === 'draft' && workflow.version !== null && (
            <Menu.Item
              leftSection={<Icon name="bolt" size={14} />}
              onClick={() => move.mutate('activate')}
            >
              Activate
            </Menu.Item>
          )}
          <Menu.Item
            leftSection={<Icon name="archive" size={14} />}
            onClick={() => move.mutate(isArchived ? 'deactivate' : 'archive')}
          >
            {isArchived ? 'Take out of the archive' : 'Archive'}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item
            c={workflow.status === 'active' ? undefined : 'var(--ff-failed)'}
            leftSection={<Icon name="trash" size={14} />}
            disabled={workflow.status === 'active'}
            title={workflow.status === 'active' ? 'An active workflow is not deleted' : undefined}
            onClick={() => ask('delete')}
          >
            Delete…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Suspense>
        {asked === 'details' && <DetailsDialog workflow={workflow} onClose={close} />}
        {asked === 'delete' && <DeleteDialog workflow={workflow} onClose={close} />}
      </Suspense>
    </>
  );
}

const COPY = ' (copy)';

/** Makes another workflow with this one's draft. */
function useDuplicate(workflow: Workflow) {
  const make = useMakeWorkflow();
  return useMutation({
    mutationFn: async () => {
      const graph = await draftOf(workflow);
      await make.mutateAsync({
        name: `${workflow.name.slice(0, LONGEST_NAME - COPY.length)}${COPY}`,
        graph,
      });
    },
  });
}
