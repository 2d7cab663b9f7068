import { Button, CloseButton, SegmentedControl, Select } from '@mantine/core';
import { useState } from 'react';
import type { Json } from '../api/types';
import { EitherInput } from './EitherInput';
import { textOf } from './inputs';
import classes from './params.module.css';
import { listIn, objectOf, withMember, type Operations } from './shape';
import { operationWords, typeWords } from './words';

interface Props {
  label: string;
  path: string;
  operations: Operations[];
  value: Json;
  onChange: (value: Json) => void;
}

/** Operations that ask only about the left side. */
const ALONE = new Set(['exists', 'notExists', 'empty', 'notEmpty', 'true', 'false']);

/** Conditions on an item, joined by "and" or "or". Each side may be an expression. */
export function Conditions({ label, path, operations, value, onChange }: Props) {
  const whole = objectOf(value);
  const rows = listIn(whole.conditions);
  const set = (conditions: Json[]) => onChange({ combinator: 'and', ...whole, conditions });
  return (
    <div className={classes.rows} role="group" aria-label={label}>
      {rows.map((row, place) => (
        <Condition
          key={place}
          label={`${label} ${place + 1}`}
          path={`${path}.conditions[${place}]`}
          operations={operations}
          value={row}
          onChange={(next) => set(rows.with(place, next))}
          onRemove={() => set(rows.toSpliced(place, 1))}
        />
      ))}
      <div className={classes.foot}>
        <Button
          variant="default"
          size="compact-xs"
          onClick={() =>
            set([...rows, { leftValue: '=', operator: { type: 'string', operation: 'equals' } }])
          }
        >
          Add a condition
        </Button>
        {rows.length > 1 && (
          <SegmentedControl
            aria-label="Joined by"
            data={[
              { value: 'and', label: 'All hold' },
              { value: 'or', label: 'One holds' },
            ]}
            value={whole.combinator === 'or' ? 'or' : 'and'}
            onChange={(combinator) => onChange({ ...whole, combinator })}
          />
        )}
      </div>
    </div>
  );
}

interface ConditionProps extends Props {
  onRemove: () => void;
}

function Condition({ label, path, operations, value, onChange, onRemove }: ConditionProps) {
  const { leftValue, rightValue, operator } = objectOf(value);
  const { type, operation } = objectOf(operator);
  // The number of "1.0" is written "1", by which nobody would come to "1.05".
  const [typed, setTyped] = useState('');
  const right = read(typed, type) === rightValue ? typed : rightValue;
  const now = `${textOf(type)} ${textOf(operation)}`;
  const data = operations.map((of) => ({
    group: typeWords(of.type),
    items: of.operations.map((each) => ({
      value: `${of.type} ${each.name}`,
      label: operationWords(each),
    })),
  }));
  return (
    <div className={classes.condition}>
      <EitherInput
        label={`${label}: left side`}
        path={`${path}.leftValue`}
        placeholder="What is looked at"
        value={leftValue}
        onChange={(text) => onChange(withMember(value, 'leftValue', text))}
      />
      <Select
        aria-label={`${label}: operation`}
        data={data}
        value={now}
        // The same words stand for other operations with another type.
        leftSection={<span className={classes.of}>{typeWords(textOf(type))}</span>}
        leftSectionWidth={96}
        searchable
        nothingFoundMessage="None is called like that."
        allowDeselect={false}
        onChange={(picked) => {
          const [nextType, nextOperation] = (picked ?? now).split(' ');
          const next = { ...objectOf(operator), type: nextType, operation: nextOperation };
          onChange(withMember(value, 'operator', next));
        }}
      />
      {!ALONE.has(textOf(operation)) && (
        <EitherInput
          label={`${label}: right side`}
          path={`${path}.rightValue`}
          placeholder="What it is compared with"
          value={right}
          onChange={(text) => {
            setTyped(text);
            onChange(withMember(value, 'rightValue', read(text, type)));
          }}
        />
      )}
      <CloseButton size="sm" aria-label={`${label}: take away`} onClick={onRemove} />
    </div>
  );
}

/** What was typed, as the type that it is compared with. */
function read(text: string, type: Json): Json {
  if (type === 'number' && /^-?\d{1,15}(\.\d+)?$/.test(text)) return Number(text);
  if (type === 'boolean' && /^(true|false)$/.test(text)) return text === 'true';
  return text;
}
