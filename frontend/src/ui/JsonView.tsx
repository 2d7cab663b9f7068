import { useState, type ReactNode } from 'react';
import { Icon } from './Icon';
import classes from './JsonView.module.css';

const CHUNK = 100;
const LONG_TEXT = 400;

/** Where a part stands: names of members and places in lists. */
export type Path = readonly (string | number)[];

/** What can be done with a part besides reading it. */
export interface Tools {
  /** It begins to be dragged. */
  onDrag: (transfer: DataTransfer, path: Path) => void;
  /** What stands behind it in its line. */
  toolOf: (path: Path) => ReactNode;
}

interface Props {
  value: unknown;
  openDepth?: number;
  tools?: Tools | undefined;
}

/** A JSON value as a tree that opens and closes. Large lists and texts show a part at first. */
export function JsonView({ value, openDepth = 2, tools }: Props) {
  return (
    <div className={classes.root}>
      <Part value={value} path={[]} openDepth={openDepth} tools={tools} />
    </div>
  );
}

interface PartProps {
  value: unknown;
  path: Path;
  openDepth: number;
  tools: Tools | undefined;
}

function Part(props: PartProps) {
  const { value, path, tools } = props;
  if (typeof value === 'object' && value !== null) return <Branch {...props} value={value} />;
  return (
    <Line path={path} tools={tools}>
      <Name path={path} />
      <Leaf value={value} />
    </Line>
  );
}

function Branch({ value, path, openDepth, tools }: PartProps & { value: object }) {
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? value.map((part: unknown, index) => [index, part])
    : Object.entries(value);
  const [open, setOpen] = useState(path.length < openDepth && entries.length <= CHUNK);
  const [shown, setShown] = useState(CHUNK);
  if (entries.length === 0) {
    return (
      <Line path={path} tools={tools}>
        <Name path={path} />
        <span className={classes.count}>{Array.isArray(value) ? '[ ]' : '{ }'}</span>
      </Line>
    );
  }
  return (
    <div>
      <Line path={path} tools={tools} isBranch>
        <button
          type="button"
          className={classes.toggle}
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          <Icon name={open ? 'down' : 'right'} size={12} />
          <Name path={path} />
          <span className={classes.count}>{sizeOf(value, entries.length)}</span>
        </button>
      </Line>
      {open && (
        <div className={classes.children}>
          {entries.slice(0, shown).map(([key, part]) => (
            <Part
              key={key}
              value={part}
              path={[...path, key]}
              openDepth={openDepth}
              tools={tools}
            />
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

interface LineProps {
  path: Path;
  tools: Tools | undefined;
  isBranch?: boolean;
  children: ReactNode;
}

function Line({ path, tools, isBranch = false, children }: LineProps) {
  const className = isBranch ? classes.branch : classes.line;
  if (tools === undefined || path.length === 0) return <div className={className}>{children}</div>;
  return (
    <div
      className={className}
      draggable
      onDragStart={(event) => tools.onDrag(event.dataTransfer, path)}
    >
      {children}
      {tools.toolOf(path)}
    </div>
  );
}

function Name({ path }: { path: Path }) {
  const name = path.at(-1);
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
