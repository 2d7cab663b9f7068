import { Textarea } from '@mantine/core';
import { jsonFault } from './isJson';

interface Props {
  label: string;
  value: string;
  onChange: (text: string) => void;
}

/** A text area for JSON that says where the text is none. */
export function JsonField({ label, value, onChange }: Props) {
  const fault = value.trim() === '' ? null : jsonFault(value);
  return (
    <Textarea
      label={label}
      value={value}
      error={fault}
      onChange={(event) => onChange(event.currentTarget.value)}
      autosize
      minRows={6}
      maxRows={20}
      spellCheck={false}
      styles={{ input: { fontFamily: 'var(--ff-mono)', fontSize: 12 } }}
    />
  );
}
