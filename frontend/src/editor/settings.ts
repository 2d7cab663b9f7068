/** The settings of a graph, as a form asks for them. No React. */

import type { Graph, Json } from '../api/types';
import { ZONES } from '../graph/zone';
import { objectOf, type ParamSchema } from '../params/shape';
import schema from './settings.json';

type Settings = Record<string, Json>;

const LIMITS = ['concurrency', 'rate_limit'] as const;
const MINUTE_S = 60;

/** What is asked for: more of a limit once there is one, and zones by their names. */
export function settingsSchema(settings: Settings): ParamSchema {
  const properties: Record<string, ParamSchema> = {
    ...(schema as ParamSchema).properties,
  } as never;
  for (const name of LIMITS) {
    if (isEmpty(objectOf(settings[name]))) {
      const limit = properties[name]?.properties?.limit ?? {};
      properties[name] = { ...properties[name], properties: { limit } };
    }
  }
  const zones = new Set([...ZONES, ...asText(settings.timezone)]);
  properties.timezone = { ...properties.timezone, enum: [...zones] };
  return { ...(schema as ParamSchema), properties };
}

/** The settings as the form shows them: a limit is an object, also where it is kept as a number. */
export function shownSettings({ settings = {} }: Graph): Settings {
  const { concurrency } = settings;
  return typeof concurrency === 'number'
    ? { ...settings, concurrency: { limit: concurrency } }
    : settings;
}

/** The graph with what the form was changed to. */
export function withSettings(graph: Graph, entered: Settings): Graph {
  const kept = Object.entries(entered).filter(
    ([name, value]) => !isLimit(name) || !isEmpty(objectOf(value)),
  );
  const settings = Object.fromEntries(kept);
  const rate = objectOf(settings.rate_limit);
  // A time must be told with a rate: a minute, until somebody says another.
  if (rate.limit !== undefined) {
    settings.rate_limit = { ...rate, per_s: rate.per_s ?? MINUTE_S };
  }
  return { ...graph, settings };
}

function isLimit(name: string): boolean {
  return LIMITS.some((limit) => limit === name);
}

/** Whether nothing is entered in a limit but what it says by itself. */
function isEmpty({ per_s = MINUTE_S, ...entered }: Settings): boolean {
  return per_s === MINUTE_S && Object.keys(entered).length === 0;
}

function asText(value: Json): string[] {
  return typeof value === 'string' ? [value] : [];
}
