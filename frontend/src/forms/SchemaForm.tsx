import { Stack } from '@mantine/core';
import { FieldInput } from './FieldInput';
import type { Field, FormState } from './fields';

interface Props {
  fields: Field[];
  form: FormState;
  onChange: (form: FormState) => void;
  /** What is wrong with fields, by their names. */
  faults: Record<string, string>;
}

/** A form of the fields of a JSON Schema (`fieldsOf`). What it holds, `jsonOf` writes. */
export function SchemaForm({ fields, form, onChange, faults }: Props) {
  return (
    <Stack gap="sm">
      {fields.map((field) => (
        <FieldInput
          key={field.name}
          field={field}
          entered={form[field.name]}
          fault={faults[field.name]}
          onEnter={(entered) => onChange({ ...form, [field.name]: entered })}
        />
      ))}
    </Stack>
  );
}
