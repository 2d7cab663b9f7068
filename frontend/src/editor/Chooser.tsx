import { Modal, TextInput } from '@mantine/core';
import { useEffect, useId, useState, type KeyboardEvent, type ReactNode } from 'react';
import { found, type Texts } from '../graph/search';
import { Icon } from '../ui/Icon';
import classes from './editor.module.css';

interface Props<T> {
  title: string;
  /** What the field and the list are called. */
  label: string;
  placeholder: string;
  /** In the order in which they are shown until something is typed. */
  all: readonly T[];
  idOf: (each: T) => string;
  /** By what one is found: its name, and other words about it. */
  textsOf: (each: T) => Texts;
  onPick: (each: T) => void;
  onClose: () => void;
  /** What is shown of one. */
  children: (each: T) => ReactNode;
}

/** A list that is searched by typing; arrows and Enter pick. */
export function Chooser<T>(props: Props<T>) {
  const { title, label, placeholder, all, idOf, textsOf, onPick, onClose, children } = props;
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const list = useId();
  const shown = typed.trim() === '' ? all : found(typed, all, textsOf);
  const place = Math.min(at, shown.length - 1);
  const picked = shown[place];
  const pickedId = picked === undefined ? undefined : `${list}-${idOf(picked)}`;
  // Only when another one is picked: whoever scrolls on by hand is not to be taken back.
  useEffect(() => {
    if (pickedId !== undefined)
      document.getElementById(pickedId)?.scrollIntoView({ block: 'nearest' });
  }, [pickedId]);
  const choose = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setAt(Math.max(0, Math.min(shown.length - 1, place + step)));
    } else if (event.key === 'Enter' && picked !== undefined) {
      event.preventDefault();
      onPick(picked);
    }
  };
  return (
    <Modal opened onClose={onClose} title={title} size="md" yOffset="8vh">
      <TextInput
        data-autofocus
        role="combobox"
        aria-label={`Search ${label}`}
        aria-expanded
        aria-controls={list}
        aria-activedescendant={pickedId}
        placeholder={placeholder}
        leftSection={<Icon name="search" size={14} />}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={choose}
      />
      <ul id={list} role="listbox" aria-label={label} className={classes.choices}>
        {shown.map((each, index) => (
          <li
            key={idOf(each)}
            id={`${list}-${idOf(each)}`}
            role="option"
            aria-selected={index === place}
            onClick={() => onPick(each)}
          >
            {children(each)}
          </li>
        ))}
      </ul>
      {shown.length === 0 && <p className={classes.quiet}>Nothing is called like that.</p>}
    </Modal>
  );
}
