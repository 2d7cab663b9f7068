import { Checkbox, Select, Textarea, TextInput as MantineText } from '@mantine/core';
import { useState } from 'react';
import { parseExact, stringifyExact } from '../api/exactJson';
import type { Json } from '../api/types';
import { isJson } from '../ui/isJson';
import { JsonField } from '../ui/JsonField';
import classes from './params.module.css';
import { listIn, type Param, type Shape } from './shape';

interface Props {
  id: string;
  param: Param;
  value: Json;
  onChange: (value: Json) => void;
}

interface ShapedProps<Is extends Shape['is']> extends Props {
  shape: Extract<Shape, { is: Is }>;
}

export function TextInput({ id, param, shape, value, onChange }: ShapedProps<'text'>) {
  const text = textOf(value ?? param.default);
  const shared = {
    id,
    size: 'xs' as const,
    value: text,
    placeholder: param.example ?? '',
    onChange: (event: { currentTarget: { value: string } }) => {
      const entered = event.currentTarget.value;
      // Emptied, it is left out, unless that would bring its default back.
      onChange(entered === '' && textOf(param.default) === '' ? undefined : entered);
    },
  };
  if (!shape.isLong) return <MantineText {...shared} />;
  return (
    <Textarea
      {...shared}
      autosize
      minRows={shape.isCode ? 4 : 2}
      maxRows={24}
      spellCheck={!shape.isCode}
      classNames={shape.isCode ? { input: `${classes.code}` } : {}}
    />
  );
}

export function NumberInput({ id, param, shape, value, onChange }: ShapedProps<'number'>) {
  const [typed, setTyped] = useState<string | null>(null);
  const shown = typed ?? textOf(value ?? param.default);
  return (
    <MantineText
      id={id}
      size="xs"
      inputMode={shape.isWhole ? 'numeric' : 'decimal'}
      value={shown}
      onChange={(event) => {
        const text = event.currentTarget.value;
        setTyped(text);
        onChange(text.trim() === '' ? undefined : (numberIn(text) ?? text));
      }}
      onBlur={() => setTyped(null)}
    />
  );
}

export function TickInput({ id, param, value, onChange }: Props) {
  return (
    <Checkbox
      id={id}
      size="xs"
      checked={(value ?? param.default) === true}
      label={(value ?? param.default) === true ? 'Yes' : 'No'}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  );
}

export function ChoiceInput({ id, param, shape, value, onChange }: ShapedProps<'choice'>) {
  const now = stringifyExact(value ?? param.default ?? null);
  const place = shape.choices.findIndex((choice) => stringifyExact(choice.value) === now);
  return (
    <Select
      id={id}
      data={shape.choices.map(({ label }, at) => ({ value: String(at), label }))}
      value={place < 0 ? null : String(place)}
      placeholder={value === undefined ? '' : `${textOf(value)}: not one of these`}
      allowDeselect={false}
      searchable={shape.choices.length > 10}
      onChange={(at) => onChange(shape.choices[Number(at)]?.value)}
    />
  );
}

export function TextsInput({ id, param, value, onChange }: Props) {
  const lines = listIn(value ?? param.default).map(textOf);
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <Textarea
      id={id}
      size="xs"
      autosize
      minRows={2}
      maxRows={12}
      placeholder="One on each line"
      value={typed ?? lines.join('\n')}
      onChange={(event) => {
        const text = event.currentTarget.value;
        setTyped(text);
        onChange(text.split('\n').filter((line) => line.trim() !== ''));
      }}
      onBlur={() => setTyped(null)}
    />
  );
}

export function JsonInput({ id, param, value, onChange }: Props) {
  const [typed, setTyped] = useState<string | null>(null);
  const now = value ?? param.default;
  const written = now === undefined || now === null ? '' : stringifyExact(now);
  return (
    <JsonField
      id={id}
      label={null}
      minRows={3}
      value={typed ?? written}
      onChange={(text) => {
        setTyped(text);
        if (text.trim() === '') onChange(undefined);
        else if (isJson(text)) onChange(parseExact(text));
      }}
    />
  );
}

function numberIn(text: string): number | bigint | null {
  try {
    const value = parseExact(text.trim());
    return typeof value === 'number' || typeof value === 'bigint' ? value : null;
  } catch {
    return null;
  }
}

export function textOf(value: Json): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : stringifyExact(value);
}
