import { Textarea } from '@mantine/core';
import { jsonFault } from './isJson';

interface Props {
  /** Null where it is said beside: then `id` or `aria-label` names it. */
  label: string | null;
  id?: string;
  'aria-label'?: string;
  description?: string | undefined;
  withAsterisk?: boolean;
  /** What is wrong with it though it is JSON. */
  error?: string | undefined;
  minRows?: number;
  value: string;
  onChange: (text: string) => void;
}

/** A text area for JSON that says where the text is none. */
export function JsonField({ error, minRows = 6, value, onChange, ...shown }: Props) {
  const fault = value.trim() === '' ? null : jsonFault(value);
  return (
    <Textarea
      {...shown}
      size="xs"
      value={value}
      error={fault ?? error}
      onChange={(event) => onChange(event.currentTarget.value)}
      autosize
      minRows={minRows}
      maxRows={20}
      spellCheck={false}
      styles={{ input: { fontFamily: 'var(--ff-mono)', fontSize: 12 } }}
    />
  );
}
