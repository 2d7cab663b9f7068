/** What a parameter of a node is asked for as, decided by its JSON Schema alone. */

import { stringifyExact } from '../api/exactJson';
import type { Json } from '../api/types';
import type { Language } from '../code/languages';
import { choicesOf, resolved, withoutNull, type Choice, type Schema } from '../forms/schema';
import { choiceWords } from './words';

export type Shape =
  | { is: 'text'; isLong: boolean; code: Language | null }
  | { is: 'number'; isWhole: boolean }
  | { is: 'tick' }
  | { is: 'choice'; choices: Choice[] }
  | { is: 'credential' }
  | { is: 'workflow' }
  | { is: 'conditions'; operations: Operations[] }
  | { is: 'texts' }
  | { is: 'numbers' }
  /** Some of the choices. */
  | { is: 'ticks'; choices: Choice[] }
  /** A list of values of any type. */
  | { is: 'values' }
  | { is: 'zone' }
  | { is: 'list'; items: Schema }
  | { is: 'pairs' }
  | { is: 'group'; members: Param[] }
  /** Of any type: text at first. */
  | { is: 'any'; isLong: boolean }
  | { is: 'json' };

export interface Param {
  name: string;
  label: string;
  description: string | undefined;
  isRequired: boolean;
  /** Whether it cannot hold an expression. */
  isLiteral: boolean;
  default: Json;
  example: string | undefined;
  /** The values of its siblings with which it has an effect. */
  when: Record<string, Json[]>;
  shape: Shape;
  /** Other shapes, with the values of its siblings with which it has them. */
  otherwise: { when: Record<string, Json[]>; shape: Shape }[];
}

export interface ParamSchema extends Schema {
  /** The language of code that is run as it is: no expression may stand there. */
  'x-code'?: string;
  /** The language of a text that may also be an expression. */
  'x-language'?: string;
  /** No expression may stand there; of a whole schema, in none of its params. */
  'x-literal'?: boolean;
  /** What is shown beside the form, of what its params mean. */
  'x-preview'?: string;
  /** Where it has a value, a node is called by this and the value, and not by its type. */
  'x-caption'?: string;
  'x-operations'?: Operations[];
  'x-when'?: Record<string, Json[]>;
  /** What else holds of it, each with the "x-when" with which it does. */
  'x-forms'?: ParamSchema[];
  additionalProperties?: Schema | boolean;
  examples?: Json[];
}

/** What conditions know to ask about values of a type. */
export interface Operations {
  type: string;
  operations: { name: string; meaning: string }[];
}

const LONG_TEXT = 1_000;
const LONG_WIDGETS = new Set(['textarea', 'text']);

/** The parameters of a schema of objects, in its order. */
export function paramsOf(part: ParamSchema | boolean, root: ParamSchema): Param[] {
  const { properties = {}, required = [] } = resolved(part, root);
  return Object.entries(properties).map(([name, each]) => {
    const written = resolved(each, root) as ParamSchema;
    const schema = withoutNull(written, root) as ParamSchema;
    const [example] = schema.examples ?? [];
    return {
      name,
      label: schema.title ?? name,
      description: schema.description,
      isRequired: required.includes(name),
      isLiteral: isLiteral(root) || isLiteral(schema) || schema['x-code'] !== undefined,
      default: written.default,
      example: typeof example === 'string' ? example : undefined,
      when: written['x-when'] ?? {},
      shape: shapeOf(schema, root),
      otherwise: (schema['x-forms'] ?? []).map((form) => ({
        when: form['x-when'] ?? {},
        shape: shapeOf({ ...schema, ...form }, root),
      })),
    };
  });
}

function isLiteral(schema: ParamSchema): boolean {
  return schema['x-literal'] === true;
}

/** Whether a parameter is asked for: where it has an effect, or a value other than its default. */
export function isAsked(param: Param, siblings: Param[], values: Record<string, Json>): boolean {
  return hasEffect(param, siblings, values) || !isDefault(values[param.name], param.default);
}

/** What a parameter is asked for as beside the values of its siblings. */
export function shapeAmong(param: Param, siblings: Param[], values: Record<string, Json>): Shape {
  const other = param.otherwise.find((each) => hasEffect(each, siblings, values));
  return other?.shape ?? param.shape;
}

function hasEffect(
  { when }: Pick<Param, 'when'>,
  siblings: Param[],
  values: Record<string, Json>,
): boolean {
  return Object.entries(when).every(([name, wanted]) => {
    const value = values[name] ?? siblings.find((each) => each.name === name)?.default;
    return isExpression(value) || wanted.includes(value);
  });
}

/** A default that the schema does not tell is an empty one. */
function isDefault(value: Json, byDefault: Json): boolean {
  if (value === undefined) return true;
  const written = stringifyExact(value);
  if (byDefault !== undefined) return written === stringifyExact(byDefault);
  return ['""', '[]', '{}', 'null'].includes(written);
}

/** What a node is called that says by a parameter what it is there for; null of others. */
export function captionOf(root: ParamSchema, params: Record<string, Json>): string | null {
  for (const [name, part] of Object.entries(root.properties ?? {})) {
    const { 'x-caption': caption } = resolved(part, root) as ParamSchema;
    const value = params[name];
    if (caption !== undefined && typeof value === 'string' && value !== '')
      return `${caption} ${value}`;
  }
  return null;
}

/** The names of the parameters whose text is code. */
export function codeFieldsOf(root: ParamSchema): Set<string> {
  const members = Object.entries(root.properties ?? {});
  return new Set(
    members.flatMap(([name, part]) =>
      (resolved(part, root) as ParamSchema)['x-code'] === undefined ? [] : [name],
    ),
  );
}

function shapeOf(schema: ParamSchema, root: ParamSchema): Shape {
  const widget = schema['x-widget'];
  if (widget === 'credential' || widget === 'workflow' || widget === 'zone') return { is: widget };
  if (widget === 'conditions') return { is: 'conditions', operations: operationsIn(root) };
  const choices = wordedIn(schema);
  if (choices.length > 0) return { is: 'choice', choices };
  switch (schema.type) {
    case 'string': {
      const isLong = LONG_WIDGETS.has(widget ?? '') || (schema.maxLength ?? 0) > LONG_TEXT;
      return { is: 'text', isLong, code: languageIn(schema) };
    }
    case 'number':
    case 'integer':
      return { is: 'number', isWhole: schema.type === 'integer' };
    case 'boolean':
      return { is: 'tick' };
    case 'array':
      return listOf(schema, root);
    case 'object':
      if (schema.properties !== undefined) {
        return { is: 'group', members: paramsOf(schema, root) };
      }
      return widget === 'key-values' ? { is: 'pairs' } : { is: 'json' };
    case undefined: {
      if (isTextOrTexts(schema, root)) return { is: 'text', isLong: false, code: null };
      const isOpen = schema.anyOf === undefined && schema.oneOf === undefined && widget !== 'json';
      return isOpen ? { is: 'any', isLong: widget === 'code' } : { is: 'json' };
    }
    default:
      return { is: 'json' };
  }
}

const LANGUAGES = new Set<string>(['javascript', 'json', 'sql'] satisfies Language[]);

/** The language that a text is written in; null of one that is no code. */
function languageIn({ 'x-code': code, 'x-language': language, 'x-widget': widget }: ParamSchema) {
  const named = code ?? language ?? '';
  if (LANGUAGES.has(named)) return named as Language;
  return named !== '' || widget === 'code' || widget === 'html' ? 'text' : null;
}

function listOf({ items }: ParamSchema, root: ParamSchema): Shape {
  if (items === undefined) return { is: 'json' };
  const each = resolved(items, root);
  const choices = wordedIn(each);
  if (choices.length > 0) return { is: 'ticks', choices };
  if (each.properties !== undefined) return { is: 'list', items: each };
  if (each.type === 'string') return { is: 'texts' };
  if (each.type === 'integer' || each.type === 'number') return { is: 'numbers' };
  return Object.keys(each).length === 0 ? { is: 'values' } : { is: 'json' };
}

function wordedIn(schema: Schema): Choice[] {
  return choicesOf(schema).map(({ label, value }) => ({
    label: label === value ? choiceWords(label) : label,
    value,
  }));
}

/** Whether it is a text that may also be written as a list of its parts. */
function isTextOrTexts({ anyOf = [] }: ParamSchema, root: ParamSchema): boolean {
  const forms = anyOf.map((form) => resolved(form, root)).filter(({ type }) => type !== 'null');
  return (
    forms.length === 2 &&
    forms.some(({ type }) => type === 'string') &&
    forms.some((form) => form.type === 'array' && listOf(form, root).is === 'texts')
  );
}

/** The operations that conditions know, by the type of what they compare. */
function operationsIn(root: ParamSchema): Operations[] {
  const defs = (root as { $defs?: Record<string, ParamSchema> }).$defs ?? {};
  const found = Object.values(defs).find((each) => each['x-operations'] !== undefined);
  return found?.['x-operations'] ?? [];
}

export function isExpression(value: Json): value is string {
  return typeof value === 'string' && value.startsWith('=');
}

/** A fixed value as the expression that gives it. */
export function expressionOf(value: Json): string {
  if (value === undefined || value === null) return '=';
  return typeof value === 'string' ? `=${value}` : `={{ ${stringifyExact(value, 0)} }}`;
}

/** An object with one member set, which stays at its place; undefined takes it out. */
export function withMember(value: Json, name: string, member: Json): Record<string, Json> {
  const members = { ...objectOf(value), [name]: member };
  const kept = Object.entries(members).filter(([, each]) => each !== undefined);
  return Object.fromEntries(kept);
}

export function objectOf(value: Json): Record<string, Json> {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Record<string, Json>) : {};
}

export function listIn(value: Json): Json[] {
  return Array.isArray(value) ? value : [];
}
