import { Textarea } from '@mantine/core';
import classes from './params.module.css';

interface Props {
  id: string;
  /** With its "=". */
  value: string;
  onChange: (value: string) => void;
}

/** The text of an expression: what stands in {{ … }} is JavaScript. */
export function ExpressionInput({ id, value, onChange }: Props) {
  return (
    <Textarea
      id={id}
      size="xs"
      autosize
      minRows={1}
      maxRows={12}
      spellCheck={false}
      placeholder="{{ $json.field }}"
      classNames={{ input: `${classes.code} ${classes.expression}` }}
      value={value.slice(1)}
      onChange={(event) => onChange(`=${event.currentTarget.value}`)}
    />
  );
}
