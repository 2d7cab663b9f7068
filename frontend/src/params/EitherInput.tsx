import { TextInput } from '@mantine/core';
import { useId } from 'react';
import type { Json } from '../api/types';
import { ExpressionInput } from './ExpressionInput';
import { ExpressionToggle } from './ExpressionToggle';
import { textOf } from './inputs';
import { useMapping } from './mapping';
import classes from './params.module.css';
import { isExpression } from './shape';

interface Props {
  label: string;
  placeholder: string;
  value: Json;
  onChange: (text: string) => void;
}

/** A short value in a row of others: fixed, or an expression. */
export function EitherInput({ label, placeholder, value, onChange }: Props) {
  const id = useId();
  const isDynamic = isExpression(value);
  const text = textOf(value);
  const mapping = useMapping(label, value, true, onChange);
  return (
    <div className={classes.either} {...mapping}>
      <div>
        {isDynamic ? (
          <ExpressionInput id={id} label={label} value={value} onChange={onChange} />
        ) : (
          <TextInput
            id={id}
            aria-label={label}
            placeholder={placeholder}
            value={text}
            onChange={(event) => onChange(event.currentTarget.value)}
          />
        )}
      </div>
      <ExpressionToggle
        label={label}
        isDynamic={isDynamic}
        onToggle={() => onChange(isDynamic ? text.slice(1) : `=${text}`)}
      />
    </div>
  );
}
