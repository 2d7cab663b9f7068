import type { Json } from '../api/types';
import { JsonView, type Path } from '../ui/JsonView';
import { dragField } from './dragging';
import { jsonOf, pathTo } from './fields';
import { UseField } from './UseField';

interface Props {
  items: Json[];
  /** What reads an item, as `$json`. */
  reader: string;
  onUse: (field: string) => void;
}

/** Items as JSON, each part of which can be mapped: of whichever item, it is read of the one at hand. */
export function FieldsJson({ items, reader, onUse }: Props) {
  const fieldAt = ([, ...steps]: Path) => reader + pathTo(steps);
  return (
    <JsonView
      value={items.map(jsonOf)}
      tools={{
        onDrag: (transfer, path) => dragField(transfer, fieldAt(path)),
        // Else Tab would lead through the same fields again with each item.
        toolOf: (path) => (
          <UseField field={fieldAt(path)} onUse={onUse} isReached={path[0] === 0} />
        ),
      }}
    />
  );
}
