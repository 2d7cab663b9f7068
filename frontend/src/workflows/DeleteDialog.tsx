import { useLocation, useNavigate } from 'react-router';
import type { Workflow } from '../api/types';
import { ConfirmDialog } from '../ui/ConfirmDialog';
import { useDelete } from './deeds';

interface Props {
  workflow: Workflow;
  onClose: () => void;
}

/** Deletes a workflow for ever, after a question. The server refuses where it ever ran. */
export function DeleteDialog({ workflow, onClose }: Props) {
  const removal = useDelete(workflow);
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const leave = () => (pathname === '/workflows' ? onClose() : void navigate('/workflows'));
  return (
    <ConfirmDialog
      title={`Delete “${workflow.name}”?`}
      yes="Delete"
      no="Keep it"
      isFinal
      doing={removal}
      onYes={() => removal.mutate(undefined, { onSuccess: leave })}
      onClose={onClose}
    >
      Its draft and all its versions are gone for ever. One that ever ran is not deleted, for its
      runs are kept: archive it instead.
    </ConfirmDialog>
  );
}
