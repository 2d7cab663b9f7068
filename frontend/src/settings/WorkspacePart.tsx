import { Button, TextInput } from '@mantine/core';
import { useState, type SyntheticEvent } from 'react';
import { HoldNotice } from '../holds/HoldNotice';
import { Pause } from '../holds/Pause';
import type { Held } from '../holds/queries';
import { useMay, useSession } from '../session/session';
import { ErrorNotice } from '../ui/Notices';
import { Panel } from '../ui/Panel';
import { useRenameWorkspace } from './queries';
import classes from './settings.module.css';

/** The workspace's name, and pauses: of the workspace, and by superusers of all there is. */
export function WorkspacePart() {
  const { me, workspace } = useSession();
  const isAdmin = useMay('admin');
  return (
    <Panel>
      <section className={classes.section}>
        <h2>Name</h2>
        {isAdmin ? (
          <Rename key={workspace.id} id={workspace.id} name={workspace.name} />
        ) : (
          <p>{workspace.name}. Renaming and pausing it takes the role admin.</p>
        )}
      </section>
      <section className={classes.section}>
        <h2>Pause</h2>
        <p>
          While a workspace is paused none of its runs begins or goes on. Triggers go on making
          runs, which wait: nothing is lost.
        </p>
        <Hold what={{ kind: 'workspace', id: workspace.id }} />
      </section>
      {me.is_superuser && (
        <section className={classes.section}>
          <h2>Pause everything</h2>
          <p>
            The runs of all workspaces of this installation, as before an upgrade or while a service
            that all use is away. For superusers alone.
          </p>
          {/* That it is paused, the frame of all pages says. */}
          <Pause what={{ kind: 'everything' }} />
        </section>
      )}
    </Panel>
  );
}

function Hold({ what }: { what: Held }) {
  return (
    <>
      <HoldNotice what={what} />
      <Pause what={what} />
    </>
  );
}

function Rename({ id, name }: { id: string; name: string }) {
  const rename = useRenameWorkspace(id);
  const [typed, setTyped] = useState(name);

  function send(event: SyntheticEvent) {
    event.preventDefault();
    rename.mutate(typed.trim());
  }

  return (
    <form noValidate onSubmit={send}>
      <div className={classes.row}>
        <TextInput
          aria-label="Name"
          maxLength={128}
          w={280}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Button
          type="submit"
          loading={rename.isPending}
          disabled={typed.trim() === '' || typed.trim() === name}
        >
          Rename
        </Button>
      </div>
      {rename.error !== null && <ErrorNotice error={rename.error} />}
    </form>
  );
}
