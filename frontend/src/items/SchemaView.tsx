import type { Json } from '../api/types';
import { CopyText } from '../ui/CopyText';
import { dragField } from './dragging';
import { fieldsOf } from './fields';
import classes from './items.module.css';
import { UseField } from './UseField';

interface Props {
  items: Json[];
  /** What reads an item, as `$json`. */
  reader: string;
  /** Maps a field to the parameter that is being written. */
  onUse?: ((field: string) => void) | undefined;
}

/** The fields of items, by their names and types, to be dragged into a parameter. */
export function SchemaView({ items, reader, onUse }: Props) {
  return (
    <ul className={classes.schema} aria-label="Fields">
      {fieldsOf(items).map(({ path, name, depth, type, example }) => (
        <li
          key={path}
          draggable
          title={reader + path}
          style={{ paddingLeft: depth * 14 }}
          onDragStart={(event) => dragField(event.dataTransfer, reader + path)}
        >
          <span className={classes.field}>{name}</span>
          <span className={classes.type}>{type}</span>
          <span className={classes.example}>{example}</span>
          {onUse === undefined ? (
            <CopyText text={reader + path} />
          ) : (
            <UseField field={reader + path} onUse={onUse} />
          )}
        </li>
      ))}
    </ul>
  );
}
