import { ActionIcon } from '@mantine/core';
import { useContext } from 'react';
import { Icon } from '../ui/Icon';
import classes from './params.module.css';
import { SampleContext } from './sample';

/** Which item of the last run expressions are tried on. */
export function ItemChooser() {
  const { sample, place, choose } = useContext(SampleContext);
  const count = sample.items.length;
  if (count < 2) return null;
  return (
    <div className={classes.chooser} role="group" aria-label="The item that is shown">
      <ActionIcon
        size="sm"
        variant="subtle"
        color="gray"
        aria-label="The item before"
        disabled={place === 0}
        onClick={() => choose(place - 1)}
      >
        <Icon name="left" size={14} />
      </ActionIcon>
      <span role="status">
        Item {place + 1} of {count}
      </span>
      <ActionIcon
        size="sm"
        variant="subtle"
        color="gray"
        aria-label="The next item"
        disabled={place === count - 1}
        onClick={() => choose(place + 1)}
      >
        <Icon name="right" size={14} />
      </ActionIcon>
    </div>
  );
}
