import { TextInput } from '@mantine/core';
import { useContext, useId } from 'react';
import type { Json } from '../api/types';
import { CaretContext } from '../code/caret';
import { ExpressionInput } from './ExpressionInput';
import { ExpressionToggle } from './ExpressionToggle';
import { useHandOver } from './handOver';
import { textOf } from './inputs';
import { useMapping } from './mapping';
import classes from './params.module.css';
import { isExpression } from './shape';
import { ToldContext, ToldList, toldWithin } from './Told';

interface Props {
  label: string;
  path: string;
  placeholder: string;
  value: Json;
  onChange: (text: string) => void;
}

/** A short value in a row of others: fixed, or an expression. */
export function EitherInput({ label, path, placeholder, value, onChange }: Props) {
  const id = useId();
  const isDynamic = isExpression(value);
  const text = textOf(value);
  const told = toldWithin(useContext(ToldContext), path);
  const { caret, write, turn } = useHandOver(id, isDynamic, (next) => onChange(textOf(next)));
  const mapping = useMapping(label, value, true, write);
  return (
    <div className={classes.either} {...mapping}>
      <div>
        <CaretContext value={caret}>
          {isDynamic ? (
            <ExpressionInput id={id} label={label} value={value} onChange={write} />
          ) : (
            <TextInput
              id={id}
              aria-label={label}
              placeholder={placeholder}
              value={text}
              onChange={(event) => write(event.currentTarget.value)}
            />
          )}
        </CaretContext>
      </div>
      <ExpressionToggle
        label={label}
        isDynamic={isDynamic}
        onToggle={() => turn(isDynamic ? text.slice(1) : `=${text}`)}
      />
      <div>
        <ToldList
          told={told}
          fixed={!isDynamic && { path, label, onTurn: () => turn(`=${text}`) }}
        />
      </div>
    </div>
  );
}
