import { Button, Text, TextInput } from '@mantine/core';
import { useState, type SyntheticEvent } from 'react';
import type { CredentialDetail, CredentialType } from '../api/types';
import { Notice } from '../ui/Notice';
import { ErrorNotice } from '../ui/Notices';
import classes from './credentials.module.css';
import { useTryCredential } from './queries';

interface Props {
  credential: CredentialDetail;
  type: CredentialType;
}

/** Tries what is saved on its service, where nothing is changed by that. */
export function TryIt({ credential, type }: Props) {
  const attempt = useTryCredential(credential.id);
  const [url, setUrl] = useState('');
  if (type.trial === 'none') return null;
  const asksForUrl = type.trial === 'url';

  function send(event: SyntheticEvent) {
    event.preventDefault();
    attempt.mutate(url.trim());
  }

  return (
    <section className={classes.part}>
      <h3>Try it</h3>
      <form noValidate onSubmit={send}>
        <div className={classes.row}>
          {asksForUrl ? (
            <TextInput
              type="url"
              label="URL"
              description="Is read (GET) with the credential; only its status is looked at."
              value={url}
              onChange={(event) => setUrl(event.currentTarget.value)}
            />
          ) : (
            <Text size="sm">Logs in to the service as it is saved, and does nothing there.</Text>
          )}
          <Button
            type="submit"
            variant="default"
            loading={attempt.isPending}
            disabled={asksForUrl && url.trim() === ''}
          >
            Try it
          </Button>
        </div>
      </form>
      {attempt.error !== null && <ErrorNotice error={attempt.error} />}
      {attempt.data !== undefined && <Outcome error={attempt.data.error} />}
    </section>
  );
}

function Outcome({ error }: { error: { message: string; hint: string | null } | null }) {
  if (error === null) {
    return <Notice tone="completed" icon="check" title="It works" role="status" />;
  }
  return (
    <Notice tone="failed" icon="warning" title={error.message} role="alert">
      {error.hint !== null && <span>{error.hint}</span>}
    </Notice>
  );
}
