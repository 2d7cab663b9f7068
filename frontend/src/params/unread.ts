/** Texts that cannot be read as the values of their fields: shown again where the form is opened anew. */

import { createContext } from 'react';

export interface UnreadFields {
  at: (path: string) => string | undefined;
  /** With a sentence that says why it cannot be read. */
  keep: (path: string, text: string, why: string) => void;
  /** It can be read, or is left empty. */
  forget: (path: string) => void;
  /** The entries of a list are in another order now, of which this tells their places before. */
  arrange: (path: string, order: number[]) => void;
}

/** Of a form whose fields can always be read. */
const NONE: UnreadFields = {
  at: () => undefined,
  keep: () => undefined,
  forget: () => undefined,
  arrange: () => undefined,
};

export const UnreadContext = createContext(NONE);
