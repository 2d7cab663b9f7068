import {
  Autocomplete,
  Checkbox,
  Input,
  Select,
  Textarea,
  TextInput as MantineText,
} from '@mantine/core';
import { useContext, useState } from 'react';
import { parseExact, stringifyExact } from '../api/exactJson';
import type { Json } from '../api/types';
import { CodeField } from '../code/CodeField';
import { suggestionsAt } from '../code/suggest';
import { ZONES } from '../graph/zone';
import { isJson, jsonFault } from '../ui/isJson';
import classes from './params.module.css';
import { useReach } from './sample';
import { listIn, type Param, type Shape } from './shape';
import { UnreadContext } from './unread';

export interface Props {
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
  const reach = useReach();
  // Emptied, it is left out, unless that would bring its default back.
  const enter = (entered: string) =>
    onChange(entered === '' && textOf(param.default) === '' ? undefined : entered);
  if (shape.code !== null) {
    return (
      <CodeField
        id={id}
        label={param.label}
        language={shape.code}
        value={text}
        placeholder={param.example ?? ''}
        suggestAt={(code) => suggestionsAt(code, reach, true)}
        isTall
        onChange={enter}
      />
    );
  }
  const shared = {
    id,
    size: 'xs' as const,
    value: text,
    placeholder: param.example ?? '',
    onChange: (event: { currentTarget: { value: string } }) => enter(event.currentTarget.value),
  };
  if (!shape.isLong) return <MantineText {...shared} />;
  return <Textarea {...shared} autosize minRows={2} maxRows={24} />;
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
      openOnFocus={false}
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

/** Some of a few; what else is in the list stays in it. */
export function TicksInput({ id, param, shape, value, onChange }: ShapedProps<'ticks'>) {
  const now = listIn(value ?? param.default);
  const known = shape.choices.map((choice) => choice.value);
  const others = now.filter((each) => !known.some((one) => isSame(one, each)));
  const isIn = (choice: Json) => now.some((each) => isSame(each, choice));
  return (
    <div id={id} role="group" aria-label={param.label} className={classes.ticks}>
      {shape.choices.map(({ label, value: choice }) => (
        <Checkbox
          key={label}
          size="xs"
          label={label}
          checked={isIn(choice)}
          onChange={() =>
            onChange([...known.filter((one) => isIn(one) !== isSame(one, choice)), ...others])
          }
        />
      ))}
    </div>
  );
}

export function NumbersInput({ id, param, value, onChange }: Props) {
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <MantineText
      id={id}
      size="xs"
      placeholder={param.example ?? 'With commas between'}
      value={
        typed ??
        listIn(value ?? param.default)
          .map(textOf)
          .join(', ')
      }
      onChange={(event) => {
        const text = event.currentTarget.value;
        setTyped(text);
        const parts = text.split(',').map((part) => part.trim());
        onChange(parts.filter((part) => part !== '').map((part) => numberIn(part) ?? part));
      }}
      onBlur={() => setTyped(null)}
    />
  );
}

/** A time zone: of those that are known here, or as it is written. */
export function ZoneInput({ id, param, value, onChange }: Props) {
  return (
    <Autocomplete
      id={id}
      size="xs"
      data={ZONES}
      limit={100}
      openOnFocus={false}
      placeholder={param.example ?? ''}
      value={textOf(value ?? param.default)}
      onChange={(text) => onChange(text === '' ? undefined : text)}
    />
  );
}

export function JsonInput({ id, path, param, value, onChange }: Props & { path: string }) {
  const unread = useContext(UnreadContext);
  const [typed, setTyped] = useState<string | null>(null);
  const now = value ?? param.default;
  const written = now === undefined || now === null ? '' : stringifyExact(now);
  const text = unread.at(path) ?? (typed !== null && meansSame(typed, now) ? typed : written);
  const fault = text.trim() === '' ? null : jsonFault(text);
  return (
    <>
      <CodeField
        id={id}
        label={param.label}
        language="json"
        value={text}
        onChange={(next) => {
          setTyped(next);
          const isEmpty = next.trim() === '';
          if (!isEmpty && !isJson(next)) {
            unread.keep(path, next, 'It is no JSON yet: not saved.');
            return;
          }
          unread.forget(path);
          onChange(isEmpty ? undefined : parseExact(next));
        }}
      />
      {fault !== null && <Input.Error size="xs">{fault}</Input.Error>}
    </>
  );
}

/** Whether what was typed still stands for the value: nobody else has changed it since. */
function meansSame(typed: string, value: Json): boolean {
  return isJson(typed) && stringifyExact(parseExact(typed)) === stringifyExact(value ?? null);
}

/** A value of any type: text as it is typed, but for objects and lists written as JSON. */
export function AnyInput({ id, param, shape, value, onChange }: ShapedProps<'any'>) {
  const { text, enter } = useAny(value ?? param.default, (entered) =>
    onChange(entered === '' ? undefined : entered),
  );
  if (shape.isLong) {
    return (
      <CodeField id={id} label={param.label} language="json" isTall value={text} onChange={enter} />
    );
  }
  return (
    <MantineText
      id={id}
      size="xs"
      placeholder={param.example ?? ''}
      value={text}
      onChange={(event) => enter(event.currentTarget.value)}
    />
  );
}

/** A value of any type as it is typed, and read. */
export function useAny(now: Json, onChange: (value: Json) => void) {
  const [typed, setTyped] = useState<{ text: string; type: string } | null>(null);
  // Something else may stand there by now: what was below an entry of a list that was taken away.
  const isTyped = typed !== null && isSame(anyIn(typed.text, typed.type), now ?? '');
  // Read as what stood there at first: on the way from 1 to 1.05 stands "1.", which is a text.
  const { text, type } = isTyped ? typed : { text: textOf(now), type: typeOf(now) };
  const enter = (next: string) => {
    setTyped({ text: next, type });
    onChange(anyIn(next, type));
  };
  return { text, enter };
}

/** What was typed: JSON where it is an object, a list, or of the type that stood there. A text is none. */
function anyIn(text: string, type: string): Json {
  if (!isJson(text)) return text;
  const value = parseExact(text);
  if (typeof value === 'string') return text;
  const isNested = typeof value === 'object' && value !== null;
  return isNested || typeOf(value) === type ? value : text;
}

/** Whole numbers of any length are numbers. */
function typeOf(value: Json): string {
  return typeof value === 'bigint' ? 'number' : typeof value;
}

function isSame(a: Json, b: Json): boolean {
  return stringifyExact(a ?? null) === stringifyExact(b ?? null);
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
