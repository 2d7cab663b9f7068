import { getHotkeyHandler } from '@mantine/hooks';
import { useEffect, useEffectEvent } from 'react';
import type { Action } from './action';

/** What may be done to the node that is shown over the canvas. */
const OF_A_NODE = new Set([
  ...['undo', 'redo', 'edit', 'rename', 'disable', 'pin', 'command'],
  ...['go-left', 'go-right'],
]);

const VIEW = '[data-node-view]';
const ABOVE = `[role="dialog"]:not([data-detail], ${VIEW}), [role="menu"]`;
const FIELDS = 'input, textarea, select, [contenteditable="true"]';

/**
 * The keys of what can be done. None acts behind a window or menu that lies above the editor, nor where
 * something else has taken the key; in fields, and where a detail has come as a window (it has
 * `data-detail`), only those that are meant for all of the editor do; where a node is shown over the
 * canvas, those of that node, too.
 */
export function useKeys(actions: Action[]): void {
  const act = useEffectEvent((event: KeyboardEvent) => {
    const reach = event.defaultPrevented ? 'nothing' : reachOf(event.target);
    const keys = actions.flatMap((action) =>
      action.isPossible && isReached(action, reach)
        ? action.keys.map((key): [string, () => void] => [key, action.run])
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

type Reach = 'all' | 'node' | 'everywhere' | 'nothing';

/** Which keys act where one was pressed; what the clipboard brings or takes does where all do. */
export function reachOf(target: EventTarget | null): Reach {
  if (document.querySelector(ABOVE)) return 'nothing';
  const isWriting = target instanceof Element && target.closest(FIELDS) !== null;
  if (isWriting || document.querySelector('[data-detail]')) return 'everywhere';
  return document.querySelector(VIEW) ? 'node' : 'all';
}

function isReached({ id, isEverywhere }: Action, reach: Reach): boolean {
  if (reach === 'all') return true;
  return reach !== 'nothing' && (isEverywhere || (reach === 'node' && OF_A_NODE.has(id)));
}
