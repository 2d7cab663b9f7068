import type { RunStatus } from '../api/types';
import type { Asked } from '../bulk/queries';
import { capitalized } from '../ui/capitalized';
import { fieldOf } from '../ui/times';
import { useFilters } from '../ui/useFilters';

export const STATUSES: RunStatus[] = [
  'pending',
  'running',
  'waiting',
  'completed',
  'failed',
  'cancelled',
];

export const TRIGGERS: { value: string; label: string }[] = [
  { value: 'manual', label: 'By hand' },
  { value: 'api', label: 'API' },
  { value: 'webhook', label: 'Webhook' },
  { value: 'form', label: 'Form' },
  { value: 'schedule', label: 'Schedule' },
  { value: 'poll', label: 'Poll' },
  { value: 'model_event', label: 'Model event' },
  { value: 'child', label: 'Another run' },
  { value: 'error', label: 'A failed run' },
  { value: 'retry', label: 'Retry' },
];

/** Those that stand in the address, several values of one with commas between. */
const NAMES = [
  'search',
  'status',
  'workflow',
  'trigger',
  'version',
  'created_after',
  'created_before',
  'cursor',
  'job',
] as const;

export type Filters = Record<(typeof NAMES)[number], string | null>;
export type SetFilter = (name: (typeof NAMES)[number], value: string | null) => void;

export function useRunFilters(): readonly [Filters, SetFilter] {
  return useFilters(NAMES);
}

export function listOf(value: string | null): string[] {
  return value === null ? [] : value.split(',');
}

/** What the list is asked for, apart from its page. */
export function askedOf(filters: Filters) {
  const { cursor, search } = filters;
  return { ...filterOf(filters), search, cursor };
}

/** What finds runs, however many: without the search, which looks at the newest alone. */
export function filterOf(filters: Filters): Asked['filter'] {
  const { workflow, version, created_after, created_before } = filters;
  const [status, trigger] = [listOf(filters.status), listOf(filters.trigger)];
  return {
    ...(status.length > 0 && { status }),
    ...(trigger.length > 0 && { trigger }),
    ...(workflow !== null && { workflow }),
    ...(version !== null && { version }),
    ...(created_after !== null && { created_after }),
    ...(created_before !== null && { created_before }),
  };
}

/** The filter in words: "All failed or waiting runs of “Sync”, started by Webhook". */
export function inWords(filters: Filters, of: string): string {
  const status = listOf(filters.status).join(' or ');
  const triggers = listOf(filters.trigger).map(
    (trigger) => TRIGGERS.find(({ value }) => value === trigger)?.label ?? trigger,
  );
  const rest = [
    filters.version !== null && `version ${filters.version}`,
    triggers.length > 0 && `started by ${triggers.join(' or ')}`,
    filters.created_after !== null && `made from ${localOf(filters.created_after)}`,
    filters.created_before !== null && `made before ${localOf(filters.created_before)}`,
  ].filter((part) => part !== false);
  const which = status === '' ? 'All runs' : `All ${status} runs`;
  return `${[`${which} of ${of}`, ...rest].join(', ')}.`;
}

export const statusChoices = STATUSES.map((value) => ({ value, label: capitalized(value) }));

function localOf(moment: string): string {
  return fieldOf(moment).replace('T', ' ');
}
