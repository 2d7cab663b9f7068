/**
 * The values of a credential as a form: what its type's schema asks for, and what of that is sent.
 *
 * Secrets are only ever written. Of one that is set the form knows that it is: left alone it stays.
 */

import type { CredentialDetail } from '../api/types';
import { emptyForm, fieldsOf, formOf, textOf, type Field, type FormState } from '../forms/fields';
import type { Schema } from '../forms/schema';

export interface ValueField extends Field {
  /** How a secret is entered: a line, a text of several lines, names with values; null: it is none. */
  secret: 'line' | 'text' | 'pairs' | null;
  /** Whether it says where the secrets go. */
  isDestination: boolean;
}

/** A name and its secret value; null: as it is stored. */
export interface Pair {
  name: string;
  value: string | null;
}

/** What was entered of a secret: a text, names with values, or null: it is taken away. */
export type SecretEntered = string | Pair[] | null;

export interface Values {
  shown: FormState;
  /** Those that are left alone are undefined. */
  secrets: Record<string, SecretEntered | undefined>;
}

const SECRETS: Record<string, ValueField['secret']> = {
  'key-values': 'pairs',
  'secret-text': 'text',
};

export function valueFieldsOf(schema: Schema): ValueField[] {
  return fieldsOf(schema).map((field) => {
    const part = schema.properties?.[field.name];
    const own: Schema = typeof part === 'object' ? part : {};
    const widget = own['x-widget'] ?? '';
    // All texts may be long; those of several lines say so.
    const isLine = field.kind === 'textarea' && widget !== 'text';
    return {
      ...field,
      kind: isLine ? 'text' : field.kind,
      choices: field.choices.map((each) => ({ ...each, label: each.label.replaceAll('_', ' ') })),
      secret: own.writeOnly === true ? (SECRETS[widget] ?? 'line') : null,
      isDestination: own['x-destination'] === true,
    };
  });
}

/** What the form begins with: the values that it has, or the defaults. */
export function valuesOf(fields: ValueField[], seen?: CredentialDetail): Values {
  const shown = fields.filter(({ secret }) => secret === null);
  const stored = Object.entries(seen?.values ?? {}).map(([name, value]) =>
    formOf(shown, { [name]: value }),
  );
  const pairs = fields
    .filter(({ secret }) => secret === 'pairs')
    .map(({ name }) => [name, storedPairs(name, seen)] as const);
  return {
    shown: Object.assign(emptyForm(shown), ...stored) as FormState,
    secrets: Object.fromEntries(pairs),
  };
}

/** The names that are stored of names with secret values. */
export function storedNames(field: string, seen?: CredentialDetail): string[] {
  const begin = `${field}.`;
  const names = seen?.secrets.filter((name) => name.startsWith(begin)) ?? [];
  return names.map((name) => name.slice(begin.length));
}

function storedPairs(field: string, seen?: CredentialDetail): Pair[] {
  const stored = storedNames(field, seen).map((name) => ({ name, value: null }));
  return stored.length > 0 ? stored : [{ name: '', value: '' }];
}

/** The values to send, as the text of a JSON object: of one that there is only what changes. */
export function changeOf(fields: ValueField[], values: Values, seen?: CredentialDetail): string {
  const before = valuesOf(fields, seen);
  const members = fields.flatMap((field) => {
    const text =
      field.secret === null
        ? shownChange(field, values, seen === undefined ? { shown: {}, secrets: {} } : before)
        : secretChange(field, values.secrets[field.name], seen);
    return text === null ? [] : [`${JSON.stringify(field.name)}:${text}`];
  });
  return `{${members.join(',')}}`;
}

/** Whether the secrets would be sent elsewhere: then each of them must be entered anew. */
export function isSentElsewhere(
  fields: ValueField[],
  values: Values,
  seen: CredentialDetail | undefined,
): boolean {
  if (seen === undefined) return false;
  const before = valuesOf(fields, seen);
  return fields.some((field) => field.isDestination && shownChange(field, values, before) !== null);
}

function shownChange(field: ValueField, values: Values, before: Values): string | null {
  const text = textOf(field, values.shown[field.name]);
  const was = textOf(field, before.shown[field.name]);
  return text === was ? null : (text ?? 'null');
}

function secretChange(
  field: ValueField,
  entered: SecretEntered | undefined,
  seen: CredentialDetail | undefined,
): string | null {
  if (entered === null) return 'null';
  if (!Array.isArray(entered)) {
    return entered === undefined || entered === '' ? null : JSON.stringify(entered);
  }
  const kept = new Set(entered.map(({ name }) => name));
  const gone = storedNames(field.name, seen).filter((name) => !kept.has(name));
  const given = entered.filter(({ name, value }) => name !== '' && value !== null);
  const change = [
    ...gone.map((name) => [name, null]),
    ...given.map(({ name, value }) => [name, value]),
  ];
  return change.length === 0 ? null : JSON.stringify(Object.fromEntries(change));
}
