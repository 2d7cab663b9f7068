import { getHotkeyHandler } from '@mantine/hooks';
import { useEffect, useEffectEvent } from 'react';
import type { Action } from './action';

const FIELDS = 'input, textarea, select, [contenteditable="true"]';

/**
 * The keys of what can be done. None acts behind a window or menu that lies above the editor, nor where
 * something else has taken the key; in fields, and where a detail has come as a window (it has
 * `data-detail`), only those that are meant for all of the editor do.
 */
export function useKeys(actions: Action[]): void {
  const act = useEffectEvent((event: KeyboardEvent) => {
    const reach = event.defaultPrevented ? 'nothing' : reachOf(event.target);
    const keys = actions.flatMap(({ keys, isPossible, isEverywhere, run }) =>
      isPossible && (reach === 'all' || (reach === 'everywhere' && isEverywhere))
        ? keys.map((key): [string, () => void] => [key, run])
        : [],
    );
    getHotkeyHandler(keys)(event);
  });
  useEffect(() => {
    const page = document.documentElement;
    page.addEventListener('keydown', act);
    return () => page.removeEventListener('keydown', act);
  }, []);
}

/** Which keys act where one was pressed. */
function reachOf(target: EventTarget | null): 'all' | 'everywhere' | 'nothing' {
  if (document.querySelector('[role="dialog"]:not([data-detail]), [role="menu"]')) return 'nothing';
  const isWriting = target instanceof Element && target.closest(FIELDS) !== null;
  return isWriting || document.querySelector('[role="dialog"]') ? 'everywhere' : 'all';
}
