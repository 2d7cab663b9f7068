import { Checkbox, Select, Textarea, TextInput } from '@mantine/core';
import { JsonField } from '../ui/JsonField';
import type { Entered, Field, FieldKind } from './fields';

interface Props {
  field: Field;
  entered: Entered | undefined;
  fault: string | undefined;
  onEnter: (entered: Entered) => void;
}

const INPUT_TYPES: Partial<Record<FieldKind, string>> = {
  email: 'email',
  uri: 'url',
  date: 'date',
  'date-time': 'datetime-local',
};
const INPUT_MODES: Partial<Record<FieldKind, 'numeric' | 'decimal'>> = {
  integer: 'numeric',
  number: 'decimal',
};

/** One field, in the browser's or Mantine's own kind of input. */
export function FieldInput({ field, entered, fault, onEnter }: Props) {
  const shared = {
    label: field.label,
    description: field.description,
    withAsterisk: field.isRequired,
    error: fault,
  };
  const text = typeof entered === 'string' ? entered : '';
  switch (field.kind) {
    case 'boolean':
      return (
        <Checkbox
          label={field.label}
          description={field.description}
          error={fault}
          size="xs"
          checked={entered === true}
          onChange={(event) => onEnter(event.currentTarget.checked)}
        />
      );
    case 'choice':
      return (
        <Select
          {...shared}
          data={field.choices.map(({ label }, place) => ({ value: String(place), label }))}
          value={text === '' ? null : text}
          onChange={(place) => onEnter(place ?? '')}
          // Without what was chosen the default holds, which can be chosen as well.
          clearable={!field.isRequired && (field.default ?? null) === null}
          searchable={field.choices.length > 10}
        />
      );
    case 'json':
      return <JsonField {...shared} minRows={3} value={text} onChange={onEnter} />;
    case 'texts':
    case 'textarea':
      return (
        <Textarea
          {...shared}
          size="xs"
          autosize
          minRows={3}
          maxRows={12}
          placeholder={field.kind === 'texts' ? 'One on each line' : undefined}
          value={text}
          onChange={(event) => onEnter(event.currentTarget.value)}
        />
      );
    default:
      return (
        <TextInput
          {...shared}
          type={INPUT_TYPES[field.kind] ?? 'text'}
          inputMode={INPUT_MODES[field.kind]}
          placeholder={field.example}
          value={text}
          onChange={(event) => onEnter(event.currentTarget.value)}
        />
      );
  }
}
