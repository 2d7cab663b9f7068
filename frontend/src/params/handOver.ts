/** Who writes goes on writing as a fixed value becomes an expression, and back. */

import { useLayoutEffect, useRef, type RefObject } from 'react';
import type { Json } from '../api/types';
import type { Caret } from '../code/caret';
import { isExpression } from './shape';

interface HandOver {
  /** For the CaretContext around both fields. */
  caret: RefObject<Caret>;
  /** A value was written into the field. */
  write: (next: Json) => void;
  /** The other field was asked for, where one then writes at the end. */
  turn: (next: Json) => void;
}

/**
 * Hands focus and caret over between the field of a fixed value and that of its expression, which
 * both have the `id`. Else the next keys would act on the page around.
 */
export function useHandOver(
  id: string,
  isDynamic: boolean,
  onChange: (value: Json) => void,
): HandOver {
  const caret = useRef<Caret>(null);
  useLayoutEffect(() => {
    // An editor of code has taken it already.
    if (caret.current === null) return;
    const [from, to] = caret.current;
    caret.current = null;
    const field = document.getElementById(id);
    field?.focus();
    if (isPlain(field)) field.setSelectionRange(from, to);
  }, [id, isDynamic]);
  const go = (next: Json, place: number | null) => {
    const isOther = isExpression(next) !== isDynamic;
    if (isOther && place !== null) caret.current = [place, place];
    onChange(next);
  };
  return {
    caret,
    write: (next) => go(next, placeIn(document.getElementById(id), next)),
    turn: (next) => go(next, endOf(next)),
  };
}

/** Where who writes in the field goes on, behind the "="; null where nobody does. */
function placeIn(field: HTMLElement | null, next: Json): number | null {
  if (field === null || field !== document.activeElement) return null;
  const isTyped = isPlain(field) && field.value === next;
  return isTyped ? (field.selectionStart ?? endOf(next)) - 1 : endOf(next);
}

function endOf(value: Json): number {
  const length = typeof value === 'string' ? value.length : 0;
  return isExpression(value) ? length - 1 : length;
}

function isPlain(field: HTMLElement | null): field is HTMLInputElement | HTMLTextAreaElement {
  return field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement;
}
