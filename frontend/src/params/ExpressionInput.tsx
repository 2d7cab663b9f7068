import { ApiError } from '../api/client';
import { stringifyExact } from '../api/exactJson';
import type { Evaluated, Fault } from '../api/types';
import { CodeField } from '../code/CodeField';
import { suggestionsAt } from '../code/suggest';
import classes from './params.module.css';
import { useEvaluated, useReach } from './sample';

interface Props {
  id: string;
  label: string;
  /** With its "=". */
  value: string;
  onChange: (value: string) => void;
}

/** The text of an expression, and what it gives for an item of the run that is shown. */
export function ExpressionInput({ id, label, value, onChange }: Props) {
  const reach = useReach();
  const { data, error, place } = useEvaluated(value);
  const fault = error === null ? null : faultIn(error);
  return (
    <>
      <CodeField
        id={id}
        label={label}
        language="expression"
        placeholder="{{ $json.field }}"
        value={value.slice(1)}
        suggestAt={(code) => suggestionsAt(code, reach)}
        faultAt={fault?.at == null ? null : unitsOf(value, fault.at) - 1}
        onChange={(text) => onChange(`=${text}`)}
      />
      {fault !== null ? (
        <div className={classes.preview} data-faulty>
          {fault.message}
        </div>
      ) : (
        data !== undefined && <Preview evaluated={data} place={place} />
      )}
    </>
  );
}

const MOST_SHOWN = 500;

function Preview({ evaluated, place }: { evaluated: Evaluated; place: number }) {
  const { type, value, swallowed } = evaluated;
  const text = type === 'string' ? String(value) : stringifyExact(value ?? null);
  return (
    <div className={classes.preview} title={`A ${type}, for item ${place + 1} of the last run`}>
      {type === 'undefined' ? (swallowed?.message ?? 'undefined') : shortened(text)}
    </div>
  );
}

interface PlacedFault extends Fault {
  position?: { character: number; line: number; column: number } | null;
}

/** What is wrong, and at which character of the whole text. */
function faultIn(error: Error): { message: string; at: number | null } {
  const [fault] = error instanceof ApiError ? (error.faults as PlacedFault[]) : [];
  if (fault === undefined) return { message: error.message, at: null };
  return { message: fault.message, at: fault.position?.character ?? null };
}

/** A place counted in code points as JavaScript counts it. */
function unitsOf(text: string, points: number): number {
  return Array.from(text).slice(0, points).join('').length;
}

function shortened(text: string): string {
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
}
