import { Select } from '@mantine/core';
import { useContext, useState } from 'react';
import { readerOf } from '../items/fields';
import { ItemsView } from '../items/ItemsView';
import { MappingContext } from './mapping';
import classes from './params.module.css';
import { givenBefore, SampleContext } from './sample';

/** What the node takes, and what nodes before it gave: to be mapped to a parameter of its form. */
export function InputData() {
  const { sample } = useContext(SampleContext);
  const { target } = useContext(MappingContext);
  const [chosen, setChosen] = useState('');
  const known = givenBefore(sample);
  const node = known.includes(chosen) ? chosen : '';
  const items = node === '' ? sample.items : (sample.nodes[node] ?? []);
  return (
    <>
      <Select
        aria-label="Data of"
        mb={6}
        data={[
          { value: '', label: 'Its input' },
          ...known.map((name) => ({ value: name, label: name })),
        ]}
        value={node}
        allowDeselect={false}
        onChange={(name) => setChosen(name ?? '')}
      />
      <p className={classes.mapped} role="status">
        {items.length === 0
          ? 'It took no items.'
          : target === null
            ? 'Go to a field of the form: “Use” writes into it.'
            : `“Use” writes into “${target.label}”.`}
      </p>
      <ItemsView
        key={node}
        items={items}
        begin="Schema"
        reader={node === '' ? '$json' : readerOf(node)}
        onUse={(field) => target?.take(field)}
      />
    </>
  );
}
