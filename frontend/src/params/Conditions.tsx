import { Button, CloseButton, SegmentedControl, Select, TextInput } from '@mantine/core';
import type { Json } from '../api/types';
import { textOf } from './inputs';
import classes from './params.module.css';
import { listIn, objectOf, withMember } from './shape';

interface Props {
  label: string;
  /** The operations by the type of what is compared. */
  operations: Record<string, string[]>;
  value: Json;
  onChange: (value: Json) => void;
}

/** Operations that ask only about the left side. */
const ALONE = new Set(['exists', 'notExists', 'empty', 'notEmpty', 'true', 'false']);

/** Conditions on an item, joined by "and" or "or". Each side may be an expression. */
export function Conditions({ label, operations, value, onChange }: Props) {
  const whole = objectOf(value);
  const rows = listIn(whole.conditions);
  const set = (conditions: Json[]) => onChange({ combinator: 'and', ...whole, conditions });
  return (
    <div className={classes.rows} role="group" aria-label={label}>
      {rows.map((row, place) => (
        <Condition
          key={place}
          label={`${label} ${place + 1}`}
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
            set([...rows, { leftValue: '', operator: { type: 'string', operation: 'equals' } }])
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

function Condition({ label, operations, value, onChange, onRemove }: ConditionProps) {
  const { leftValue, rightValue, operator } = objectOf(value);
  const { type, operation } = objectOf(operator);
  const now = `${textOf(type)} ${textOf(operation)}`;
  const data = Object.entries(operations).map(([group, names]) => ({
    group,
    items: names.map((name) => ({ value: `${group} ${name}`, label: worded(name) })),
  }));
  return (
    <div className={classes.condition}>
      <TextInput
        aria-label={`${label}: left side`}
        placeholder="={{ $json.field }}"
        classNames={{ input: `${classes.code}` }}
        value={textOf(leftValue)}
        onChange={(event) => onChange(withMember(value, 'leftValue', event.currentTarget.value))}
      />
      <Select
        aria-label={`${label}: operation`}
        data={data}
        value={now}
        searchable
        allowDeselect={false}
        onChange={(picked) => {
          const [nextType, nextOperation] = (picked ?? now).split(' ');
          const next = { ...objectOf(operator), type: nextType, operation: nextOperation };
          onChange(withMember(value, 'operator', next));
        }}
      />
      {!ALONE.has(textOf(operation)) && (
        <TextInput
          aria-label={`${label}: right side`}
          placeholder="A value, or ={{ … }}"
          classNames={{ input: `${classes.code}` }}
          value={textOf(rightValue)}
          onChange={(event) =>
            onChange(withMember(value, 'rightValue', read(event.currentTarget.value, type)))
          }
        />
      )}
      <CloseButton size="sm" aria-label={`${label}: take away`} onClick={onRemove} />
    </div>
  );
}

/** What was typed, as the type that it is compared with. */
function read(text: string, type: Json): Json {
  if (type === 'number' && /^-?\d{1,15}(\.\d+)?$/.test(text)) return Number(text);
  return text;
}

const SIGNS: Record<string, string> = {
  equals: 'is',
  notEquals: 'is not',
  gt: '>',
  lt: '<',
  gte: '≥',
  lte: '≤',
  true: 'is true',
  false: 'is false',
};

/** "notStartsWith" reads "not starts with". */
function worded(operation: string): string {
  if (SIGNS[operation] !== undefined) return SIGNS[operation];
  return operation.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
