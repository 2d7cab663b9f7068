/**
 * What a JSON Schema of objects asks for, as fields of a form, and what was entered in them as JSON.
 *
 * A form holds what people type. It becomes JSON text and not a value, so that numbers of any length
 * are sent as they were typed. Whether it all fits, the server judges.
 */

import { stringifyExact } from '../api/exactJson';
import type { Json } from '../api/types';
import { fieldTime } from '../ui/times';
import { choicesOf, resolved, withoutNull, type Choice, type Schema } from './schema';

export type FieldKind =
  | 'text'
  | 'textarea'
  | 'email'
  | 'uri'
  | 'number'
  | 'integer'
  | 'boolean'
  | 'choice'
  | 'date'
  | 'date-time'
  | 'texts'
  | 'json';

export interface Field {
  name: string;
  label: string;
  description: string | undefined;
  example: string | undefined;
  kind: FieldKind;
  isRequired: boolean;
  choices: Choice[];
  default: Json;
}

/** What was entered: a tick, or text as it stands in the field; of a choice its place. */
export type Entered = string | boolean;
export type FormState = Record<string, Entered>;

const LONG_TEXT = 200;
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const BY_FORMAT: Record<string, FieldKind> = {
  date: 'date',
  'date-time': 'date-time',
  email: 'email',
  uri: 'uri',
};

/**
 * The fields of a schema's own properties, in their order; none where it has no properties, or
 * cannot be read: a draft may hold anything.
 */
export function fieldsOf(root: Schema): Field[] {
  try {
    return fieldsIn(root);
  } catch {
    return [];
  }
}

function fieldsIn(root: Schema): Field[] {
  const { properties = {}, required = [] } = resolved(root, root);
  return Object.entries(properties).map(([name, part]) => {
    const schema = withoutNull(resolved(part, root), root);
    const choices = choicesOf(schema);
    return {
      name,
      label: schema.title ?? name,
      description: schema.description,
      example: exampleOf(schema),
      kind: choices.length > 0 ? 'choice' : kindOf(schema, root),
      isRequired: required.includes(name),
      choices,
      default: schema.default,
    };
  });
}

/** Whether the schema asks for something that has no default. */
export function asksForMore(root: Schema): boolean {
  return fieldsOf(root).some((field) => field.isRequired && field.default === undefined);
}

/** The form as it is first shown: with the defaults; a tick that must be said either way is no. */
export function emptyForm(fields: Field[]): FormState {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const isNo = field.kind === 'boolean' && field.isRequired;
      const preset = field.default === undefined && isNo ? false : field.default;
      const entered = preset === undefined ? null : enteredAs(field, preset);
      return entered === null ? [] : [[field.name, entered]];
    }),
  );
}

/** An object as it would have been entered; null where the fields cannot hold all of it. */
export function formOf(fields: Field[], value: Json): FormState | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const form: FormState = {};
  for (const [name, each] of Object.entries(value)) {
    const field = fields.find((field) => field.name === name);
    const entered = field === undefined ? null : enteredAs(field, each);
    if (entered === null) return null;
    form[name] = entered;
  }
  return form;
}

/** What was entered, as the text of a JSON object. Fields that were left empty are left out. */
export function jsonOf(fields: Field[], form: FormState): string {
  const members = fields.flatMap((field) => {
    const text = textOf(field, form[field.name]);
    return text === null ? [] : [`${JSON.stringify(field.name)}:${text}`];
  });
  return `{${members.join(',')}}`;
}

function exampleOf({ examples: [first] = [] }: Schema): string | undefined {
  return typeof first === 'string' || typeof first === 'number' ? String(first) : undefined;
}

function kindOf(schema: Schema, root: Schema): FieldKind {
  switch (schema.type) {
    case 'string':
      if (schema['x-widget'] === 'textarea' || (schema.maxLength ?? 0) > LONG_TEXT)
        return 'textarea';
      return BY_FORMAT[schema.format ?? ''] ?? 'text';
    case 'number':
    case 'integer':
    case 'boolean':
      return schema.type;
    case 'array':
      return isOfTexts(schema, root) ? 'texts' : 'json';
    default:
      return 'json';
  }
}

function isOfTexts({ items }: Schema, root: Schema): boolean {
  return items !== undefined && kindOf(resolved(items, root), root) === 'text';
}

/** A value as the field shows it; null where it cannot. */
function enteredAs({ kind, choices }: Field, value: Json): Entered | null {
  switch (kind) {
    case 'json':
      return stringifyExact(value);
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'number':
    case 'integer':
      return typeof value === 'number' || typeof value === 'bigint' ? String(value) : null;
    case 'choice': {
      const text = stringifyExact(value);
      const place = choices.findIndex((choice) => stringifyExact(choice.value) === text);
      return place >= 0 ? String(place) : null;
    }
    case 'texts':
      return Array.isArray(value) && value.every(isLine) ? value.join('\n') : null;
    case 'date-time':
      return typeof value === 'string' ? localTime(value) : null;
    default:
      return typeof value === 'string' ? value : null;
  }
}

function isLine(value: Json): boolean {
  return typeof value === 'string' && value.trim() !== '' && !value.includes('\n');
}

/** A moment as the browser's field has it, in the time of this place. */
function localTime(moment: string): string | null {
  const at = new Date(moment);
  return Number.isNaN(at.getTime()) ? null : fieldTime(at);
}

/** What was entered in a field, as JSON text; null where nothing was. */
export function textOf(
  { kind, choices, default: preset }: Field,
  entered: Entered | undefined,
): string | null {
  if (entered === undefined) return null;
  if (typeof entered === 'boolean') return String(entered);
  switch (kind) {
    case 'choice': {
      const choice = choices[Number(entered)];
      return entered === '' || choice === undefined ? null : stringifyExact(choice.value);
    }
    case 'number':
    case 'integer':
    case 'json': {
      const text = entered.trim();
      if (text === '') return null;
      return kind === 'json' || JSON_NUMBER.test(text) ? text : JSON.stringify(text);
    }
    case 'texts': {
      const lines = entered.split('\n').filter((line) => line.trim() !== '');
      return lines.length === 0 && preset === undefined ? null : JSON.stringify(lines);
    }
    case 'date-time': {
      const at = new Date(entered);
      return Number.isNaN(at.getTime()) ? null : JSON.stringify(at.toISOString());
    }
    case 'text':
    case 'textarea':
      // Who empties a field that had a default means it.
      return entered === '' && typeof preset !== 'string' ? null : JSON.stringify(entered);
    default:
      return entered === '' ? null : JSON.stringify(entered);
  }
}
