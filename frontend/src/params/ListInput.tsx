import { ActionIcon, Button } from '@mantine/core';
import { useContext, type ReactNode } from 'react';
import type { Json } from '../api/types';
import { Icon } from '../ui/Icon';
import classes from './params.module.css';
import { listIn } from './shape';
import { UnreadContext } from './unread';

interface Props {
  path: string;
  label: string;
  value: Json;
  onChange: (value: Json) => void;
  /** What an entry that is added is at first. */
  first?: Json;
  /** The form of one entry. */
  children: (each: Json, place: number, onEach: (each: Json) => void) => ReactNode;
}

/** A list: entries are added, taken away and moved up. */
export function ListInput({ path, label, value, onChange, first = {}, children }: Props) {
  const entries = listIn(value);
  const unread = useContext(UnreadContext);
  const places = entries.map((_, place) => place);
  const arrange = (order: number[]) => {
    unread.arrange(path, order);
    onChange(order.map((place) => entries[place]));
  };
  return (
    <div className={classes.rows} role="group" aria-label={label}>
      {entries.map((each, place) => (
        <div key={place} className={classes.entry}>
          <div className={classes.entryHead}>
            <span>{place + 1}</span>
            <ActionIcon
              size="sm"
              variant="subtle"
              color="gray"
              aria-label={`${label}: move ${place + 1} up`}
              disabled={place === 0}
              onClick={() => arrange(places.toSpliced(place - 1, 2, place, place - 1))}
            >
              <Icon name="up" size={13} />
            </ActionIcon>
            <ActionIcon
              size="sm"
              variant="subtle"
              color="gray"
              aria-label={`${label}: take ${place + 1} away`}
              onClick={() => arrange(places.toSpliced(place, 1))}
            >
              <Icon name="cross" size={13} />
            </ActionIcon>
          </div>
          {children(each, place, (next) => onChange(entries.with(place, next)))}
        </div>
      ))}
      <Button variant="default" size="compact-xs" onClick={() => onChange([...entries, first])}>
        Add
      </Button>
    </div>
  );
}
