/** One thing that can be done: a button, a key and a line of the command bar share it. */
export interface Action {
  id: string;
  label: string;
  /** As Mantine's hotkeys are written. */
  keys: string[];
  isPossible: boolean;
  /** Its keys act also while somebody writes in a field. */
  isEverywhere: boolean;
  run: () => void;
}

export function action(
  id: string,
  label: string,
  keys: string[],
  isPossible: boolean,
  run: () => void,
): Action {
  return { id, label, keys, isPossible, isEverywhere: false, run };
}

/** One whose keys act also while somebody writes in a field. */
export function everywhere(deed: Action): Action {
  return { ...deed, isEverywhere: true };
}
