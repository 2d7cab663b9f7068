import { byteSize } from '../ui/byteSize';
import { Icon } from '../ui/Icon';
import classes from './Files.module.css';

interface File {
  item: number;
  /** Under which the item has it. */
  name: string;
  id: string;
  fileName?: unknown;
  mimeType?: unknown;
  fileSize?: unknown;
}

/** The files that items bear, each to be downloaded; nothing where they bear none. */
export function Files({ items }: { items: unknown[] }) {
  const files = items.flatMap(filesOf);
  if (files.length === 0) return null;
  return (
    <ul className={classes.files} aria-label="Files">
      {files.map(({ item, name, id, fileName, mimeType, fileSize }) => (
        <li key={`${item} ${name}`}>
          <a href={`/api/v1/payloads/${id}`} download title="Download">
            <Icon name="down" size={12} /> {textOf(fileName) ?? name}
          </a>
          <span>
            {[
              items.length > 1 ? `item ${item}` : null,
              name,
              textOf(mimeType),
              typeof fileSize === 'number' ? byteSize(fileSize) : null,
            ]
              .filter((part) => part !== null)
              .join(' · ')}
          </span>
        </li>
      ))}
    </ul>
  );
}

function filesOf(item: unknown, place: number): File[] {
  if (!isObject(item) || !isObject(item.binary)) return [];
  return Object.entries(item.binary).flatMap(([name, file]) =>
    isObject(file) && typeof file.id === 'string'
      ? [{ ...file, item: place, name, id: file.id }]
      : [],
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
