import { Button, Table } from '@mantine/core';
import { useState } from 'react';
import type { Variable } from '../api/types';
import { useMay, useSession } from '../session/session';
import { ConfirmDeed } from '../ui/ConfirmDeed';
import { Icon } from '../ui/Icon';
import list from '../ui/list.module.css';
import { EmptyNotice } from '../ui/Notices';
import { PageTurner } from '../ui/PageTurner';
import { Panel } from '../ui/Panel';
import { Read } from '../ui/Read';
import { useFilters } from '../ui/useFilters';
import { useDeleteVariable, useVariables } from './queries';
import classes from './settings.module.css';
import { VariableDialog } from './VariableDialog';

/** Texts that the expressions of all workflows of the workspace read. */
export function VariablesPart() {
  const { workspace } = useSession();
  const mayEdit = useMay('editor');
  const [{ cursor }, setFilter] = useFilters(['cursor'] as const);
  const variables = useVariables({ workspace: workspace.id, cursor });
  const [edited, setEdited] = useState<Variable | 'new' | null>(null);
  return (
    <Panel>
      <div className={classes.bar}>
        <span>
          Expressions read them as <code>$vars.name</code>. All members see them: a secret is a
          credential.
        </span>
        {mayEdit ? (
          <Button leftSection={<Icon name="plus" size={13} />} onClick={() => setEdited('new')}>
            Add variable
          </Button>
        ) : (
          <span>Changing them takes the role editor.</span>
        )}
      </div>
      <Read of={variables} what="variables">
        {(page) => (
          <>
            {page.results.length > 0 ? (
              <Variables
                variables={page.results}
                onEdit={mayEdit ? setEdited : undefined}
                workspace={workspace.id}
              />
            ) : (
              <EmptyNotice title="No variable yet">
                What several workflows need and what may change is written once, here: an address, a
                sender, the name of a shop. Add <code>shop</code>, and every expression can say{' '}
                <code>{'={{ $vars.shop }}'}</code>.
              </EmptyNotice>
            )}
            <PageTurner {...page} onTurn={(to) => setFilter('cursor', to)} />
          </>
        )}
      </Read>
      {edited !== null && (
        <VariableDialog
          workspace={workspace.id}
          variable={edited === 'new' ? undefined : edited}
          onClose={() => setEdited(null)}
        />
      )}
    </Panel>
  );
}

interface VariablesProps {
  variables: Variable[];
  workspace: string;
  /** Undefined: they may only be seen. */
  onEdit: ((variable: Variable) => void) | undefined;
}

function Variables({ variables, workspace, onEdit }: VariablesProps) {
  return (
    <Table className={list.table} verticalSpacing={6} aria-label="Variables">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Name</Table.Th>
          <Table.Th>Value</Table.Th>
          {onEdit && <Table.Th aria-label="Edit or delete" />}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {variables.map((variable) => (
          <Table.Tr key={variable.id}>
            <Table.Td>
              <code>{variable.name}</code>
            </Table.Td>
            <Table.Td className={list.name} title={variable.value}>
              {variable.value === '' ? <span className={list.muted}>Empty</span> : variable.value}
            </Table.Td>
            {onEdit && (
              <Table.Td>
                <div className={classes.deeds}>
                  <Button
                    variant="subtle"
                    size="compact-sm"
                    aria-label={`Edit ${variable.name}`}
                    onClick={() => onEdit(variable)}
                  >
                    Edit
                  </Button>
                  <Delete variable={variable} workspace={workspace} />
                </div>
              </Table.Td>
            )}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Delete({ variable, workspace }: { variable: Variable; workspace: string }) {
  const removal = useDeleteVariable(workspace, variable);
  return (
    <ConfirmDeed
      label="Delete"
      about={variable.name}
      title={`Delete $vars.${variable.name}?`}
      yes="Delete"
      no="Keep it"
      deed={removal}
    >
      Expressions that read it get undefined from the next run on.
    </ConfirmDeed>
  );
}
