import { Button, Select } from '@mantine/core';
import { Link, useSearchParams } from 'react-router';
import { useMay, useSession } from '../session/session';
import { Icon } from '../ui/Icon';
import { EmptyNotice } from '../ui/Notices';
import { PageHead } from '../ui/PageHead';
import { PageTurner } from '../ui/PageTurner';
import { Read } from '../ui/Read';
import { useFilters } from '../ui/useFilters';
import { WithDetail } from '../ui/WithDetail';
import { CredentialsTable } from './CredentialsTable';
import { CredentialView } from './CredentialView';
import { NewCredential } from './NewCredential';
import { useCredentials, useCredentialTypes } from './queries';

/** The workspace's credentials. `?new=TYPE` opens the form of a new one of that type. */
export function CredentialsPage() {
  const { workspace } = useSession();
  const mayEdit = useMay('editor');
  const [filters, setFilter] = useFilters(['type', 'cursor'] as const);
  const credentials = useCredentials({ workspace: workspace.id, ...filters, limit: 50 });
  const { data: types } = useCredentialTypes();
  const typeOf = (type: string) => types?.get(type);
  const { credential, made, searchOf, show } = useShown();
  const close = () => show(null, '');

  const detail =
    credential !== null ? (
      <CredentialView key={credential} id={credential} typeOf={typeOf} onClose={close} />
    ) : made !== null && mayEdit && types !== undefined ? (
      <NewCredential
        types={[...types.values()]}
        type={types.get(made)}
        searchOf={(type) => searchOf('new', type)}
        onMade={(id) => show('credential', id)}
        onClose={close}
      />
    ) : null;

  return (
    <>
      <PageHead title="Credentials">
        <Select
          aria-label="Type"
          placeholder="Every type"
          clearable
          searchable
          data={[...(types?.values() ?? [])].map(({ type, label }) => ({ value: type, label }))}
          value={filters.type}
          onChange={(type) => setFilter('type', type)}
        />
        {mayEdit && (
          <Button
            component={Link}
            to={{ search: searchOf('new', '') }}
            leftSection={<Icon name="plus" size={13} />}
          >
            New credential
          </Button>
        )}
      </PageHead>
      <WithDetail
        what={credential === null ? 'New credential' : 'Credential'}
        detail={detail}
        onClose={close}
      >
        <Read of={credentials} what="credentials">
          {(page) => (
            <>
              {page.results.length > 0 ? (
                <CredentialsTable
                  credentials={page.results}
                  typeOf={typeOf}
                  selected={credential}
                  searchOf={(id) => searchOf('credential', id)}
                />
              ) : filters.type !== null ? (
                <EmptyNotice title="No credential of this type">
                  {workspace.name} has none that is “{typeOf(filters.type)?.label ?? filters.type}”.
                </EmptyNotice>
              ) : (
                <Nothing mayEdit={mayEdit} />
              )}
              <PageTurner {...page} onTurn={(cursor) => setFilter('cursor', cursor)} />
            </>
          )}
        </Read>
      </WithDetail>
    </>
  );
}

function Nothing({ mayEdit }: { mayEdit: boolean }) {
  return (
    <EmptyNotice title="No credential yet">
      A credential keeps what a service knows you by: a token, a password, a key. It is stored
      encrypted, and nodes use it by its name, so that no secret stands in a workflow.{' '}
      {mayEdit
        ? 'Make the first with “New credential”, try it on its service, then choose it in a node.'
        : 'Who has the role editor makes them.'}
    </EmptyNotice>
  );
}

/** What is shown beside the list, kept in the address: one credential, or the form of a new one. */
function useShown() {
  const [params, setParams] = useSearchParams();
  const searchOf = (name: 'credential' | 'new' | null, value: string) => {
    const after = new URLSearchParams(params);
    after.delete('credential');
    after.delete('new');
    if (name !== null) after.set(name, value);
    return `?${after.toString()}`;
  };
  return {
    credential: params.get('credential'),
    made: params.get('new'),
    searchOf,
    show: (name: 'credential' | 'new' | null, value: string) =>
      setParams(searchOf(name, value), { replace: true }),
  };
}
