import { notifications } from '@mantine/notifications';
import { useEffect } from 'react';
import { ApiError } from '../api/client';

/** Tell of a deed that failed where the page has no room for it. */
export function useFailureNotice(error: Error | null, title: string): void {
  useEffect(() => {
    if (error === null) return;
    const faults = error instanceof ApiError ? error.faults.map(({ message }) => message) : [];
    notifications.show({
      title,
      message: [error.message, ...faults].join(' '),
      color: 'red',
      autoClose: 12_000,
      role: 'alert',
    });
  }, [error, title]);
}
