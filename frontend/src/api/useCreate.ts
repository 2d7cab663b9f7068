import { useRef } from 'react';
import { ApiError, create } from './client';
import { randomKey } from './randomKey';

/**
 * Make things, each only once: as long as no answer has come, asking for the same again sends the
 * same Idempotency-Key, so that a click after a lost answer gets what the first one made. `of` tells
 * apart what is made of different states of something that path and body do not tell.
 */
export function useCreate<T>(): (path: string, body: string, of?: string | number) => Promise<T> {
  const unanswered = useRef<{ request: string; key: string } | null>(null);
  return async (path, body, of = '') => {
    const request = `${path} ${of} ${body}`;
    if (unanswered.current?.request !== request) {
      unanswered.current = { request, key: randomKey() };
    }
    try {
      const made = await create<T>(path, body, unanswered.current.key);
      unanswered.current = null;
      return made;
    } catch (error) {
      const isRefusal = error instanceof ApiError && error.status < 500;
      if (isRefusal) unanswered.current = null;
      throw error;
    }
  };
}
