import { useEffect, useState } from 'react';

/** The whole seconds from now until then, told anew each second; from then on 0. */
export function useSecondsUntil(then: string | null): number {
  const [now, setNow] = useState(() => Date.now());
  const end = then === null ? 0 : Date.parse(then);
  const isOver = now >= end;
  useEffect(() => {
    if (isOver && Date.now() >= end) return;
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [isOver, end]);
  return Math.max(0, Math.ceil((end - now) / 1_000));
}
