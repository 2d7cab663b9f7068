import { TextInput } from '@mantine/core';
import { useState } from 'react';
import type { GraphNode } from '../api/types';
import { rename } from '../graph/edits';
import { useEditing } from './context';

const NAME_FIELD = 'node-name';

/** Begin to rename the node whose form is shown. */
export function focusName(): void {
  const field = document.getElementById(NAME_FIELD);
  if (field instanceof HTMLInputElement) field.select();
}

/** The name, which others mention: it is changed as a whole, with Enter or by leaving the field. */
export function NameInput({ node }: { node: GraphNode }) {
  const { editor, codeOf } = useEditing();
  const [typed, setTyped] = useState(node.name);
  const commit = () => {
    if (typed.trim() === '') setTyped(node.name);
    else editor.edit({ label: 'Rename' }, (graph) => rename(graph, node.id, typed, codeOf));
  };
  return (
    <TextInput
      id={NAME_FIELD}
      label="Name"
      maxLength={128}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === 'Enter') commit();
        if (event.key !== 'Escape' || typed === node.name) return;
        // Escape takes back what was typed, and only then leads elsewhere.
        event.preventDefault();
        setTyped(node.name);
      }}
    />
  );
}
