/** JSON Schemas as they are read to be asked for: references followed, choices found. */

import { stringifyExact } from '../api/exactJson';
import type { Json } from '../api/types';

export interface Schema {
  $ref?: string;
  type?: string | string[];
  title?: string;
  description?: string;
  default?: Json;
  examples?: Json[];
  enum?: Json[];
  const?: Json;
  format?: string;
  maxLength?: number;
  properties?: Record<string, Schema | boolean>;
  required?: string[];
  items?: Schema | boolean;
  anyOf?: (Schema | boolean)[];
  oneOf?: (Schema | boolean)[];
  writeOnly?: boolean;
  'x-widget'?: string;
  'x-destination'?: boolean;
}

export interface Choice {
  label: string;
  value: Json;
}

const MOST_REFERENCES = 16;

/** The schema that a part of `root` stands for: its references followed. */
export function resolved(part: Schema | boolean, root: Schema): Schema {
  let schema = typeof part === 'boolean' ? {} : part;
  for (let count = 0; schema.$ref !== undefined && count < MOST_REFERENCES; count += 1) {
    const { $ref, ...own } = schema;
    schema = { ...targetOf($ref, root), ...own };
  }
  return schema;
}

function targetOf(reference: string, root: Schema): Schema {
  const steps = decodeURIComponent(reference).split('/').slice(1);
  const names = steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const target = names.reduce<Json>(
    (at, name) => (at as Record<string, Json> | undefined)?.[name],
    root,
  );
  return typeof target === 'object' && target !== null ? target : {};
}

/** Something that may also be null is asked for as without that: left empty, it is left out. */
export function withoutNull(schema: Schema, root: Schema): Schema {
  const forms = schema.anyOf ?? schema.oneOf ?? [];
  const [first, ...more] = forms.filter((form) => !isNull(form));
  if (forms.length > 1 && typeof first === 'object' && more.length === 0) {
    return { ...resolved(first, root), ...schema, anyOf: [], oneOf: [] };
  }
  if (!Array.isArray(schema.type)) return schema;
  const types = schema.type.filter((type) => type !== 'null');
  return { ...schema, type: types.length === 1 && types[0] !== undefined ? types[0] : types };
}

function isNull(form: Schema | boolean): boolean {
  return typeof form === 'object' && form.type === 'null';
}

/** The values of an `enum`, or of `oneOf` where each form is one value, perhaps with a title. */
export function choicesOf({ enum: values, oneOf = [] }: Schema): Choice[] {
  if (values !== undefined) return values.map((value) => ({ label: labelOf(value), value }));
  const choices = oneOf.flatMap((form) =>
    typeof form === 'object' && 'const' in form
      ? [{ label: form.title ?? labelOf(form.const), value: form.const }]
      : [],
  );
  return choices.length === oneOf.length ? choices : [];
}

function labelOf(value: Json): string {
  return typeof value === 'string' ? value : stringifyExact(value);
}
