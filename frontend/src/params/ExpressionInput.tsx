import { Textarea } from '@mantine/core';
import { useContext } from 'react';
import { ApiError } from '../api/client';
import { stringifyExact } from '../api/exactJson';
import type { Fault } from '../api/types';
import classes from './params.module.css';
import { SampleContext, useEvaluated } from './sample';

interface Props {
  id: string;
  /** With its "=". */
  value: string;
  onChange: (value: string) => void;
}

/** The text of an expression, and what it gives for an item of the run that is shown. */
export function ExpressionInput({ id, value, onChange }: Props) {
  return (
    <>
      <Textarea
        id={id}
        size="xs"
        autosize
        minRows={1}
        maxRows={12}
        spellCheck={false}
        placeholder="{{ $json.field }}"
        classNames={{ input: `${classes.code} ${classes.expression}` }}
        value={value.slice(1)}
        onChange={(event) => onChange(`=${event.currentTarget.value}`)}
      />
      <Preview expression={value} />
    </>
  );
}

const MOST_SHOWN = 500;

function Preview({ expression }: { expression: string }) {
  const { data, error } = useEvaluated(expression, useContext(SampleContext));
  if (error !== null) {
    return (
      <div className={classes.preview} data-faulty>
        {faultIn(error)}
      </div>
    );
  }
  if (data === undefined) return null;
  const text = data.type === 'string' ? String(data.value) : stringifyExact(data.value ?? null);
  return (
    <div className={classes.preview} title={`A ${data.type}, for the first item of the last run`}>
      {data.type === 'undefined' ? (data.swallowed?.message ?? 'undefined') : shortened(text)}
    </div>
  );
}

/** What is wrong, and where in the text, counted without the "=". */
function faultIn(error: Error): string {
  const [fault] = error instanceof ApiError ? (error.faults as PlacedFault[]) : [];
  if (fault === undefined) return error.message;
  const at = fault.position;
  const place = at == null ? '' : ` (line ${at.line}, column ${at.column})`;
  return fault.message + place;
}

interface PlacedFault extends Fault {
  position?: { line: number; column: number } | null;
}

function shortened(text: string): string {
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
}
