import type { Action } from './action';
import { Chooser } from './Chooser';
import { shown } from './keys';

interface Props {
  actions: Action[];
  onClose: () => void;
}

/** All that can be done now, by name. */
export function CommandBar({ actions, onClose }: Props) {
  return (
    <Chooser
      title="Do something"
      label="commands"
      placeholder="What is to be done?"
      all={actions.filter(({ isPossible }) => isPossible)}
      idOf={({ id }) => id}
      textsOf={({ label }) => ({ name: label, more: '' })}
      onPick={(action) => {
        onClose();
        action.run();
      }}
      onClose={onClose}
    >
      {({ label, keys: [key] }) => (
        <>
          <b>{label}</b>
          <small>{key !== undefined && shown(key)}</small>
        </>
      )}
    </Chooser>
  );
}
