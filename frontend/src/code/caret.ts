/** Where somebody is writing, as one field comes in the place of another. */

import { createContext, type RefObject } from 'react';

export type Caret = [from: number, to: number] | null;

/** What an editor of code takes over as it appears; null where nobody hands anything over. */
export const CaretContext = createContext<RefObject<Caret> | null>(null);
