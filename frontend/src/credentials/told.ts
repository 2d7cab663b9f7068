import { notifications } from '@mantine/notifications';
import { ApiError } from '../api/client';
import type { CredentialSaved } from '../api/types';
import { faultsAt } from '../forms/faultsAt';
import type { ValueField } from './values';

interface Told {
  atFields: Record<string, string>;
  rest: Error | null;
}

/** What was wrong with fields, and the error that is left beside: none where fields tell it all. */
export function toldOf(fields: ValueField[], error: Error | null): Told {
  if (!(error instanceof ApiError)) return { atFields: {}, rest: error };
  const { atFields, others } = faultsAt('values', fields, error.faults);
  const isToldAtFields = error.faults.length > 0 && others.length === 0;
  const rest = isToldAtFields ? null : new ApiError(error.status, error.detail, others);
  return { atFields, rest };
}

/** It is stored; but what masking cannot hide well is said. */
export function warn({ warnings }: CredentialSaved) {
  if (warnings.length === 0) return;
  notifications.show({
    title: 'Saved, but hard to hide',
    message: warnings.map(({ message }) => message).join(' '),
    color: 'yellow',
    autoClose: 15_000,
    role: 'alert',
  });
}
