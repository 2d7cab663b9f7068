import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import type { Json } from '../api/types';
import { JsonView } from '../ui/JsonView';
import { jsonOf } from './fields';
import { FieldsJson } from './FieldsJson';
import classes from './items.module.css';
import { SchemaView } from './SchemaView';
import { TableView } from './TableView';

interface Props {
  items: Json[];
  /** What reads an item in an expression. */
  reader?: string;
  begin?: 'JSON' | 'Schema';
  /** Maps a field: the items are what a parameter may be made of. */
  onUse?: (field: string) => void;
}

/** Items as a table, as JSON, or by the fields that they have. */
export function ItemsView({ items, reader = '$json', begin = 'JSON', onUse }: Props) {
  const [form, setForm] = useState<string>(begin);
  if (items.length === 0) return null;
  return (
    <>
      <SegmentedControl
        aria-label="Shown as"
        className={classes.forms ?? ''}
        data={['Table', 'JSON', 'Schema']}
        value={form}
        onChange={setForm}
      />
      {form === 'Table' && <TableView items={items} reader={reader} onUse={onUse} />}
      {form === 'JSON' &&
        (onUse === undefined ? (
          <JsonView value={items.map(jsonOf)} />
        ) : (
          <FieldsJson items={items} reader={reader} onUse={onUse} />
        ))}
      {form === 'Schema' && <SchemaView items={items} reader={reader} onUse={onUse} />}
    </>
  );
}
