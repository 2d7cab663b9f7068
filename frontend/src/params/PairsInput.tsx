import { Button, CloseButton, TextInput } from '@mantine/core';
import { useContext, useState } from 'react';
import { parseExact, stringifyExact } from '../api/exactJson';
import type { Json } from '../api/types';
import { EitherInput } from './EitherInput';
import { textOf } from './inputs';
import classes from './params.module.css';
import { objectOf } from './shape';
import { UnreadContext } from './unread';

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
  const unread = useContext(UnreadContext);
  const left = unread.at(path);
  const rows = left === undefined ? typed : (parseExact(left) as Pair[]);
  const pairs: Pair[] = rows !== null && isSame(rows, members) ? rows : members;
  const set = (next: Pair[]) => {
    setTyped(next);
    const named = next.filter(([name]) => name !== '');
    onChange(named.length === 0 ? undefined : Object.fromEntries(named));
    // After it, as a value that is set takes the place of what could not be read.
    if (next.some((row) => isLost(row, next)))
      unread.keep(path, stringifyExact(next), 'A name is missing, or there twice: not saved.');
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

/** Whether the value of a row stands in no object of them all. */
function isLost(row: Pair, all: Pair[]): boolean {
  const [name, value] = row;
  if (name === '') return textOf(value) !== '';
  return all.findLast(([other]) => other === name) !== row;
}

/** Whether what was typed still stands for the members: nobody else has changed them since. */
function isSame(typed: Pair[], members: Pair[]): boolean {
  const named = Object.entries(Object.fromEntries(typed.filter(([name]) => name !== '')));
  return (
    JSON.stringify(named.map(([n, v]) => [n, textOf(v)])) ===
    JSON.stringify(members.map(([n, v]) => [n, textOf(v)]))
  );
}
