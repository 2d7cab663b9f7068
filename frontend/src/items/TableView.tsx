import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import type { Json } from '../api/types';
import { dragField } from './dragging';
import { jsonOf, memberOf, stepTo } from './fields';
import classes from './items.module.css';
import { previewOf } from './preview';
import { UseField } from './UseField';

const ROW = 28;
const MOST_COLUMNS = 50;
const ITEMS_FOR_COLUMNS = 100;

interface Props {
  items: Json[];
  /** What reads an item, as `$json`. */
  reader: string;
  onUse?: ((field: string) => void) | undefined;
}

/** Items as rows, and their fields as columns; only the rows in sight are drawn. */
export function TableView({ items, reader, onUse }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  // eslint-disable-next-line react-hooks/incompatible-library
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW,
    overscan: 8,
  });
  const columns = columnsOf(items);
  const shown = rows.getVirtualItems();
  const before = shown[0]?.start ?? 0;
  const after = rows.getTotalSize() - (shown.at(-1)?.end ?? 0);
  return (
    <div
      ref={frame}
      className={classes.frame}
      tabIndex={0}
      role="group"
      aria-label="Items"
      // Here arrows scroll, and do not walk from node to node.
      onKeyDown={(event) => event.key.startsWith('Arrow') && event.stopPropagation()}
    >
      <table className={classes.table} aria-rowcount={items.length + 1}>
        <thead>
          <tr>
            <th>#</th>
            {columns.map((name) => (
              <th
                key={name}
                draggable
                title={reader + stepTo(name)}
                onDragStart={(event) => dragField(event.dataTransfer, reader + stepTo(name))}
              >
                {name}
                {onUse && <UseField field={reader + stepTo(name)} onUse={onUse} />}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {before > 0 && <tr aria-hidden style={{ height: before }} />}
          {shown.map(({ index }) => (
            <tr key={index} aria-rowindex={index + 2}>
              <td>{index + 1}</td>
              {columns.map((name) => (
                <td key={name}>{previewOf(memberOf(jsonOf(items[index]), name))}</td>
              ))}
            </tr>
          ))}
          {after > 0 && <tr aria-hidden style={{ height: after }} />}
        </tbody>
      </table>
    </div>
  );
}

function columnsOf(items: Json[]): string[] {
  const names = items.slice(0, ITEMS_FOR_COLUMNS).flatMap((item) => {
    const json = jsonOf(item);
    return typeof json === 'object' && json !== null ? Object.keys(json) : [];
  });
  return [...new Set(names)].slice(0, MOST_COLUMNS);
}
