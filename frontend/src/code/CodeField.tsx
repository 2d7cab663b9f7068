import { Textarea } from '@mantine/core';
import { lazy, Suspense } from 'react';
import type { CodeProps } from './CodeEditor';
import classes from './code.module.css';

// The editor of code is large, and most of the pages have no code on them. Where it cannot be
// loaded, as behind an upgrade, what is there is still edited.
const CodeEditor = lazy(() => import('./CodeEditor').catch(() => ({ default: PlainCode })));

/** A field for code; a plain one until the editor is there. */
export function CodeField(props: CodeProps) {
  return (
    <Suspense fallback={<PlainCode {...props} />}>
      <CodeEditor {...props} />
    </Suspense>
  );
}

function PlainCode({ id, label, value, onChange, placeholder, isTall = false }: CodeProps) {
  return (
    <Textarea
      id={id}
      aria-label={label}
      size="xs"
      autosize
      minRows={isTall ? 6 : 1}
      maxRows={24}
      spellCheck={false}
      placeholder={placeholder ?? ''}
      classNames={{ input: classes.plain ?? '' }}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
