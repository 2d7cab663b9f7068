/** Fields of items on their way into the parameter that is being written. */

import {
  createContext,
  useContext,
  useEffect,
  useRef,
  type DragEvent,
  type RefObject,
} from 'react';
import type { Json } from '../api/types';
import { draggedField, isField } from '../items/dragging';
import { isExpression } from './shape';

type Take = (field: string) => void;

/** What takes a field: the parameter that had the focus last. */
export const MappingContext = createContext<RefObject<Take | null>>({ current: null });

/** Lets fields be dropped on a parameter, and be used for it by keys. */
export function useMapping(value: Json, mayTake: boolean, onChange: (value: string) => void) {
  const targetRef = useContext(MappingContext);
  const take = (field: string) =>
    onChange(isExpression(value) && value !== '=' ? `${value}{{ ${field} }}` : `={{ ${field} }}`);
  const latest = useRef(take);
  useEffect(() => {
    latest.current = take;
  });
  if (!mayTake) return {};
  return {
    onFocusCapture: () => {
      targetRef.current = (field: string) => latest.current(field);
    },
    onDragOver: (event: DragEvent) => {
      if (isField(event.dataTransfer)) event.preventDefault();
    },
    onDrop: (event: DragEvent) => {
      const field = draggedField(event.dataTransfer);
      // The editor of an expression has put it where it was dropped.
      if (field === null || event.isDefaultPrevented()) return;
      event.preventDefault();
      event.stopPropagation();
      take(field);
    },
  };
}
