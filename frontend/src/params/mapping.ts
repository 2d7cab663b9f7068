/** Fields of items on their way into the parameter that is being written. */

import {
  createContext,
  useContext,
  useEffect,
  useMemo,
  useRef,
  type Dispatch,
  type DragEvent,
  type SetStateAction,
} from 'react';
import type { Json } from '../api/types';
import { draggedField, isField } from '../items/dragging';
import { isExpression } from './shape';

/** What takes a field. */
export interface Target {
  label: string;
  take: (field: string) => void;
}

interface Mapping {
  /** The parameter that had the focus last, as long as it is shown. */
  target: Target | null;
  setTarget: Dispatch<SetStateAction<Target | null>>;
}

export const MappingContext = createContext<Mapping>({ target: null, setTarget: () => {} });

/** Lets fields be dropped on a parameter, and be used for it by keys. */
export function useMapping(
  label: string,
  value: Json,
  mayTake: boolean,
  onChange: (value: string) => void,
) {
  const { setTarget } = useContext(MappingContext);
  const take = (field: string) =>
    onChange(isExpression(value) && value !== '=' ? `${value}{{ ${field} }}` : `={{ ${field} }}`);
  const latest = useRef(take);
  useEffect(() => {
    latest.current = take;
  });
  const own = useMemo((): Target => ({ label, take: (field) => latest.current(field) }), [label]);
  // What is shown no longer takes nothing: it may be of a node that was left.
  useEffect(() => () => setTarget((now) => (now === own ? null : now)), [own, setTarget]);
  if (!mayTake) return {};
  return {
    onFocusCapture: () => setTarget(own),
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
