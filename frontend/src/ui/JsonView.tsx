import { useState } from 'react';
import { Icon } from './Icon';
import classes from './JsonView.module.css';

const CHUNK = 100;
const LONG_TEXT = 400;

/** A JSON value as a tree that opens and closes. Large lists and texts show a part at first. */
export function JsonView({ value, openDepth = 2 }: { value: unknown; openDepth?: number }) {
  return (
    <div className={classes.root}>
      <Part value={value} depth={0} openDepth={openDepth} />
    </div>
  );
}

interface PartProps {
  name?: string | number;
  value: unknown;
  depth: number;
  openDepth: number;
}

function Part({ name, value, depth, openDepth }: PartProps) {
  if (typeof value === 'object' && value !== null) {
    return <Branch name={name} value={value} depth={depth} openDepth={openDepth} />;
  }
  return (
    <div className={classes.line}>
      <Name name={name} />
      <Leaf value={value} />
    </div>
  );
}

function Branch({ name, value, depth, openDepth }: PartProps & { value: object }) {
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? value.map((part: unknown, index) => [index, part])
    : Object.entries(value);
  const [open, setOpen] = useState(depth < openDepth && entries.length <= CHUNK);
  const [shown, setShown] = useState(CHUNK);
  if (entries.length === 0) {
    return (
      <div className={classes.line}>
        <Name name={name} />
        <span className={classes.count}>{Array.isArray(value) ? '[ ]' : '{ }'}</span>
      </div>
    );
  }
  return (
    <div>
      <button
        type="button"
        className={classes.toggle}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Icon name={open ? 'down' : 'right'} size={12} />
        <Name name={name} />
        <span className={classes.count}>{sizeOf(value, entries.length)}</span>
      </button>
      {open && (
        <div className={classes.children}>
          {entries.slice(0, shown).map(([key, part]) => (
            <Part key={key} name={key} value={part} depth={depth + 1} openDepth={openDepth} />
          ))}
          {entries.length > shown && (
            <button type="button" className={classes.more} onClick={() => setShown(shown + CHUNK)}>
              Show more ({entries.length - shown} left)
            </button>
          )}
        </div>
      )}
    </div>
  );
}

function Name({ name }: { name: string | number | undefined }) {
  if (name === undefined) return null;
  return <span className={typeof name === 'number' ? classes.index : classes.name}>{name}:</span>;
}

function Leaf({ value }: { value: unknown }) {
  const [whole, setWhole] = useState(false);
  if (typeof value !== 'string') return <span className={classes.plain}>{String(value)}</span>;
  const cut = !whole && value.length > LONG_TEXT;
  return (
    <span className={classes.text}>
      {JSON.stringify(cut ? value.slice(0, LONG_TEXT) : value)}
      {cut && (
        <button type="button" className={classes.more} onClick={() => setWhole(true)}>
          Show all {value.length} characters
        </button>
      )}
    </span>
  );
}

function sizeOf(value: object, count: number): string {
  return Array.isArray(value) ? `[${count}]` : `{${count}}`;
}
