import { Button, CloseButton, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Json } from '../api/types';
import { EitherInput } from './EitherInput';
import { textOf } from './inputs';
import classes from './params.module.css';
import { objectOf } from './shape';

interface Props {
  id: string;
  path: string;
  label: string;
  value: Json;
  onChange: (value: Json) => void;
}

type Pair = [name: string, value: Json];

/** Names and their values, such as headers. A value may be an expression. */
export function PairsInput({ id, path, label, value, onChange }: Props) {
  // A name that is still empty, or twice there, is no member of an object: it is kept here.
  const [typed, setTyped] = useState<Pair[] | null>(null);
  const members = Object.entries(objectOf(value));
  const pairs: Pair[] = typed !== null && isSame(typed, members) ? typed : members;
  const set = (next: Pair[]) => {
    setTyped(next);
    const named = next.filter(([name]) => name !== '');
    onChange(named.length === 0 ? undefined : Object.fromEntries(named));
  };
  return (
    <div id={id} role="group" aria-label={label} className={classes.rows}>
      {pairs.map(([name, each], place) => (
        <div key={place} className={classes.pair}>
          <TextInput
            aria-label={`${label}: name ${place + 1}`}
            placeholder="Name"
            value={name}
            onChange={(event) => set(pairs.with(place, [event.currentTarget.value, each] as Pair))}
          />
          <EitherInput
            label={`${label}: value ${place + 1}`}
            path={`${path}.${name}`}
            placeholder="Value"
            value={each}
            onChange={(text) => set(pairs.with(place, [name, text] as Pair))}
          />
          <CloseButton
            size="sm"
            aria-label={`${label}: take ${name || 'this'} away`}
            onClick={() => set(pairs.toSpliced(place, 1))}
          />
        </div>
      ))}
      <Button variant="default" size="compact-xs" onClick={() => set([...pairs, ['', '']])}>
        Add
      </Button>
    </div>
  );
}

/** Whether what was typed still stands for the members: nobody else has changed them since. */
function isSame(typed: Pair[], members: Pair[]): boolean {
  const named = Object.entries(Object.fromEntries(typed.filter(([name]) => name !== '')));
  return (
    JSON.stringify(named.map(([n, v]) => [n, textOf(v)])) ===
    JSON.stringify(members.map(([n, v]) => [n, textOf(v)]))
  );
}
