import { lazy, type ComponentType } from 'react';

const YOUNG_MS = 10_000;

/**
 * A page, or a dialog, whose code is loaded once somebody opens it.
 *
 * An upgrade takes the code away that a tab was opened with. Where it is gone, the tab is loaded
 * again, at the page that was asked for; one that was only just opened is not, or that might go on
 * for ever: there the page says that it broke.
 */
export function lazyPage<Props = object>(load: () => Promise<ComponentType<Props>>) {
  return lazy(async () => {
    try {
      return { default: await load() };
    } catch (error) {
      if (performance.now() < YOUNG_MS) throw error;
      window.location.reload();
      return new Promise<never>(() => undefined);
    }
  });
}
