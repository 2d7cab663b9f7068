import type { Json, NodeType } from '../api/types';
import { listIn, objectOf, type ParamSchema } from './shape';

/** The types of credentials that a node takes, where a param decides by what it is set to. */
export function credentialTypesOf(type: NodeType, params: Record<string, Json>): string[] {
  const [decided] = Object.entries(objectOf(type.ui.credentials_by));
  const all = listIn(type.ui.credentials) as string[];
  if (decided === undefined) return all;
  const [name, taken] = decided;
  const { properties = {} } = type.params_schema as ParamSchema;
  const byDefault = (properties[name] as ParamSchema | undefined)?.default;
  const value = params[name] ?? byDefault;
  // Of an expression it is known once it is resolved.
  const chosen = typeof value === 'string' ? objectOf(taken)[value] : undefined;
  return chosen === undefined ? all : (listIn(chosen) as string[]);
}
