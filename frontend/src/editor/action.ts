/** One thing that can be done: a button, a key and a line of the command bar share it. */
export interface Action {
  id: string;
  label: string;
  /** As `useHotkeys` reads them. */
  keys: string[];
  isPossible: boolean;
  run: () => void;
}

export function action(
  id: string,
  label: string,
  keys: string[],
  isPossible: boolean,
  run: () => void,
): Action {
  return { id, label, keys, isPossible, run };
}
