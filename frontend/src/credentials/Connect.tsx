import { Button, Text } from '@mantine/core';
import type { CredentialDetail } from '../api/types';
import { ErrorNotice } from '../ui/Notices';
import { fullTime, shortTime } from '../ui/times';
import classes from './credentials.module.css';
import { useAuthorize } from './queries';

/** Sends the person to the service in another tab, to consent. Back here, what came of it is read. */
export function Connect({ credential }: { credential: CredentialDetail }) {
  const authorize = useAuthorize(credential.id);
  const { authorized_at } = credential;

  function connect() {
    // Opened by the click itself, or the browser would take it for an advertisement.
    const tab = window.open('about:blank', '_blank');
    if (tab !== null) tab.opener = null;
    authorize.mutate(undefined, {
      onSuccess: ({ url }) => (tab ?? window).location.assign(url),
      onError: () => tab?.close(),
    });
  }

  return (
    <section className={classes.part}>
      <h3>Connection</h3>
      <div className={classes.row}>
        <Text size="sm">
          {authorized_at === null ? (
            'Not connected: a person has to consent at the service before workflows can use it.'
          ) : (
            <>
              Connected <span title={fullTime(authorized_at)}>{shortTime(authorized_at)}</span>.
              Tokens are renewed by themselves.
            </>
          )}
        </Text>
        <Button
          variant={authorized_at === null ? 'filled' : 'default'}
          loading={authorize.isPending}
          onClick={connect}
        >
          {authorized_at === null ? 'Connect…' : 'Connect again…'}
        </Button>
      </div>
      {authorize.error !== null && <ErrorNotice error={authorize.error} />}
    </section>
  );
}
