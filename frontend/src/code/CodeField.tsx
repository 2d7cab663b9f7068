import { Textarea } from '@mantine/core';
import { lazy, Suspense, useContext, useLayoutEffect, useRef } from 'react';
import { CaretContext, type Caret } from './caret';
import type { CodeProps } from './CodeEditor';
import classes from './code.module.css';

// The editor of code is large, and most of the pages have no code on them. Where it cannot be
// loaded, as behind an upgrade, what is there is still edited.
const CodeEditor = lazy(() => import('./CodeEditor').catch(() => ({ default: PlainCode })));

/** A field for code; a plain one until the editor is there. */
export function CodeField(props: CodeProps) {
  const own = useRef<Caret>(null);
  const caret = useContext(CaretContext) ?? own;
  return (
    <Suspense fallback={<PlainCode {...props} caret={caret} />}>
      <CodeEditor {...props} caret={caret} />
    </Suspense>
  );
}

function PlainCode(props: CodeProps) {
  const { id, label, value, onChange, placeholder, isTall = false, caret: caretRef } = props;
  const field = useRef<HTMLTextAreaElement>(null);
  // Who writes goes on here, and then in the editor, where they are.
  useLayoutEffect(() => {
    const here = field.current;
    if (here === null || caretRef === undefined) return;
    if (caretRef.current !== null) {
      here.focus();
      here.setSelectionRange(...caretRef.current);
      caretRef.current = null;
    }
    return () => {
      if (document.activeElement !== here) return;
      caretRef.current = [here.selectionStart, here.selectionEnd];
    };
  }, [caretRef]);
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
