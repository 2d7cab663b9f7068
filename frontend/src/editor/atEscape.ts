import type { KeyboardEvent } from 'react';

/** Does the deed at Escape; of an open list it only closes the list. */
export function atEscape(deed: () => void) {
  return ({ key, target, defaultPrevented }: KeyboardEvent) => {
    const isOpen = target instanceof HTMLElement && target.ariaExpanded === 'true';
    if (key === 'Escape' && !isOpen && !defaultPrevented) deed();
  };
}
