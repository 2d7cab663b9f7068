import { ActionIcon, Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Json } from '../api/types';
import { Icon } from '../ui/Icon';
import classes from './params.module.css';
import { listIn } from './shape';

interface Props {
  label: string;
  value: Json;
  onChange: (value: Json) => void;
  /** What an entry that is added is at first. */
  first?: Json;
  /** The form of one entry. */
  children: (each: Json, place: number, onEach: (each: Json) => void) => ReactNode;
}

/** A list: entries are added, taken away and moved up. */
export function ListInput({ label, value, onChange, first = {}, children }: Props) {
  const entries = listIn(value);
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
              onClick={() => onChange(entries.toSpliced(place - 1, 2, each, entries[place - 1]))}
            >
              <Icon name="up" size={13} />
            </ActionIcon>
            <ActionIcon
              size="sm"
              variant="subtle"
              color="gray"
              aria-label={`${label}: take ${place + 1} away`}
              onClick={() => onChange(entries.toSpliced(place, 1))}
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
