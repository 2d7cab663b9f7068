import { Modal, TextInput } from '@mantine/core';
import { useState, type KeyboardEvent } from 'react';
import type { NodeType } from '../api/types';
import { found } from '../graph/search';
import { Icon } from '../ui/Icon';
import classes from './editor.module.css';

const GROUPS: Record<string, string> = {
  triggers: 'Triggers',
  actions: 'Actions',
  transformations: 'Transformations',
  flow: 'Flow',
};

interface Props {
  types: NodeType[];
  /** What it is added to, in words. */
  where: string;
  onPick: (type: NodeType) => void;
  onClose: () => void;
}

/** The node types, to be searched and added. */
export function Palette({ types, where, onPick, onClose }: Props) {
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const order = Object.keys(GROUPS);
  const shown =
    typed.trim() === ''
      ? types.toSorted((a, b) => order.indexOf(a.group) - order.indexOf(b.group))
      : found(typed, types, (type) => ({
          name: type.label,
          more: `${type.type} ${type.group} ${type.description}`,
        }));
  const place = Math.min(at, shown.length - 1);
  const choose = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    const picked = shown[place];
    if (step !== undefined) {
      event.preventDefault();
      setAt(Math.max(0, Math.min(shown.length - 1, place + step)));
    } else if (event.key === 'Enter' && picked !== undefined) {
      event.preventDefault();
      onPick(picked);
    }
  };
  const idOf = (type: NodeType) => `palette-${type.type}`;
  return (
    <Modal opened onClose={onClose} title={`Add a node ${where}`} size="md" yOffset="8vh">
      <TextInput
        data-autofocus
        role="combobox"
        aria-label="Search node types"
        aria-expanded
        aria-controls="palette"
        aria-activedescendant={shown[place] === undefined ? undefined : idOf(shown[place])}
        placeholder="What is to be done?"
        leftSection={<Icon name="search" size={14} />}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={choose}
      />
      <ul id="palette" role="listbox" aria-label="Node types" className={classes.types}>
        {shown.map((type, index) => (
          <li
            key={type.type}
            id={idOf(type)}
            role="option"
            aria-selected={index === place}
            ref={(item) => {
              if (index === place) item?.scrollIntoView({ block: 'nearest' });
            }}
            onClick={() => onPick(type)}
          >
            <b>{type.label}</b>
            <small>{GROUPS[type.group] ?? type.group}</small>
            <span>{type.description}</span>
          </li>
        ))}
        {shown.length === 0 && <li className={classes.quiet}>Nothing is called like that.</li>}
      </ul>
    </Modal>
  );
}
