/** Texts that cannot be read as the values of their fields: shown again where the form is opened anew. */

import { createContext } from 'react';

export interface UnreadTexts {
  at: (path: string) => string | undefined;
  /** null: the field has a value by now. */
  keep: (path: string, text: string | null) => void;
}

/** Nothing is kept: of entries of a list, which move from place to place. */
export const NOT_KEPT: UnreadTexts = { at: () => undefined, keep: () => undefined };

export const UnreadContext = createContext<UnreadTexts>(NOT_KEPT);
