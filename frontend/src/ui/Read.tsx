import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { NoticeList } from './Notice';
import { ErrorNotice, LoadingNotice } from './Notices';

interface Props<Data> {
  of: Pick<UseQueryResult<Data>, 'data' | 'error' | 'refetch'>;
  /** What is read, as "the runs". */
  what: string;
  children: (data: Data) => ReactNode;
}

/**
 * What is read of the server: that it is on its way, why it did not come, or what came. That stays,
 * with a notice above it, where it cannot be read again.
 */
export function Read<Data>({ of: { data, error, refetch }, what, children }: Props<Data>) {
  const retry = () => void refetch();
  if (data === undefined) {
    return error === null ? (
      <LoadingNotice what={what} />
    ) : (
      <ErrorNotice error={error} onRetry={retry} />
    );
  }
  return (
    <>
      {error !== null && (
        <NoticeList>
          <ErrorNotice error={error} onRetry={retry}>
            What is shown was read before.
          </ErrorNotice>
        </NoticeList>
      )}
      {children(data)}
    </>
  );
}
