import { useSyncExternalStore } from 'react';

/** The whole seconds from now until then, told anew each second; from then on 0. */
export function useSecondsUntil(then: string | null): number {
  const end = then === null ? 0 : Date.parse(then);
  return useSyncExternalStore(eachSecond, () => Math.max(0, Math.ceil((end - Date.now()) / 1_000)));
}

function eachSecond(tell: () => void): () => void {
  const timer = setInterval(tell, 1_000);
  return () => clearInterval(timer);
}
