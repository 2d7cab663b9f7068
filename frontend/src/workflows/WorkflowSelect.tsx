import { useState } from 'react';
import { useSession } from '../session/session';
import { NamedSelect } from '../ui/NamedSelect';
import { useWorkflow, useWorkflows } from './queries';

interface Props {
  id?: string;
  'aria-label'?: string;
  placeholder: string;
  openOnFocus?: boolean;
  value: string | null;
  onChange: (workflow: string | null) => void;
}

/** Chooses one of the workspace's workflows. */
export function WorkflowSelect(props: Props) {
  const { workspace } = useSession();
  const [search, setSearch] = useState('');
  const found = useWorkflows({ workspace: workspace.id, search, limit: 50 });
  const { data: chosen } = useWorkflow(props.value);
  return (
    <NamedSelect
      {...props}
      what="workflow"
      chosen={chosen}
      found={found.data?.results}
      onSearch={setSearch}
    />
  );
}
