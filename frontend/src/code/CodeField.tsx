import { Textarea } from '@mantine/core';
import { lazy, Suspense, useLayoutEffect, useRef } from 'react';
import type { CodeProps } from './CodeEditor';
import classes from './code.module.css';

// The editor of code is large, and most of the pages have no code on them. Where it cannot be
// loaded, as behind an upgrade, what is there is still edited.
const CodeEditor = lazy(() => import('./CodeEditor').catch(() => ({ default: PlainCode })));

/** A field for code; a plain one until the editor is there. */
export function CodeField(props: CodeProps) {
  const caret = useRef<[from: number, to: number] | null>(null);
  return (
    <Suspense fallback={<PlainCode {...props} caret={caret} />}>
      <CodeEditor {...props} caret={caret} />
    </Suspense>
  );
}

function PlainCode(props: CodeProps) {
  const { id, label, value, onChange, placeholder, isTall = false, caret } = props;
  const field = useRef<HTMLTextAreaElement>(null);
  // Who writes here already goes on in the editor, where they are.
  useLayoutEffect(() => {
    const here = field.current;
    return () => {
      if (here === null || caret === undefined || document.activeElement !== here) return;
      caret.current = [here.selectionStart, here.selectionEnd];
    };
  }, [caret]);
  return (
    <Textarea
      ref={field}
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
