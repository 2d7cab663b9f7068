import { Button, SegmentedControl, Switch, TextInput } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useMemo, useRef, useState, type UIEvent } from 'react';
import { download } from '../ui/download';
import { Icon, type IconName } from '../ui/Icon';
import { clockTime, fullTime } from '../ui/times';
import type { RunEvent } from './events';
import { lineOf, matches, textOf, type Line, type Tone } from './lines';
import classes from './RunConsole.module.css';

/** `warn`: warnings and what is worse. */
type Kind = 'all' | 'log' | 'warn' | 'bad';

const ICONS: Partial<Record<Tone, IconName>> = { good: 'check', warn: 'warning', bad: 'cross' };
const NEAR_END_PX = 24;
const DOWN = ['End', 'PageDown', 'ArrowDown', ' '];

interface Props {
  events: readonly RunEvent[];
  nameOf: (node: string) => string;
  onSelect: (step: string) => void;
}

/** The run's events as lines, as they come. Only the lines in view are in the document. */
export function RunConsole({ events, nameOf, onSelect }: Props) {
  const [filter, setFilter] = useState('');
  const [kind, setKind] = useState<Kind>('all');
  const [follow, setFollow] = useState(true);
  const lineFor = useMemo(() => rememberedLines(nameOf), [nameOf]);
  const lines = useMemo(() => events.map(lineFor), [events, lineFor]);
  const shown = useMemo(
    () => lines.filter((line) => isOfKind(line, kind) && matches(line, filter.trim())),
    [lines, kind, filter],
  );
  return (
    <div className={classes.console}>
      <div className={classes.bar}>
        <TextInput
          type="search"
          aria-label="Filter lines"
          placeholder="Filter"
          className={classes.filter}
          leftSection={<Icon name="search" size={14} />}
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value)}
        />
        <SegmentedControl
          aria-label="Lines shown"
          value={kind}
          onChange={setKind}
          data={[
            { value: 'all', label: 'All' },
            { value: 'log', label: 'Logs' },
            { value: 'warn', label: 'Warnings' },
            { value: 'bad', label: 'Errors' },
          ]}
        />
        <span className={classes.count}>
          {shown.length === lines.length ? lines.length : `${shown.length} of ${lines.length}`}{' '}
          lines
        </span>
        <Button
          variant="default"
          size="compact-xs"
          disabled={shown.length === 0}
          onClick={() => download(`run ${events[0]?.run}.txt`, textOf(shown))}
        >
          Download
        </Button>
        <Switch
          size="xs"
          label="Follow"
          checked={follow}
          onChange={(event) => setFollow(event.currentTarget.checked)}
        />
      </div>
      {shown.length > 0 ? (
        <Lines lines={shown} follow={follow} onFollow={setFollow} onSelect={onSelect} />
      ) : (
        <div className={classes.empty}>
          {lines.length > 0 ? 'No line fits the filter.' : 'No event yet.'}
        </div>
      )}
    </div>
  );
}

interface LinesProps {
  lines: Line[];
  follow: boolean;
  onFollow: (follow: boolean) => void;
  onSelect: (step: string) => void;
}

function Lines({ lines, follow, onFollow, onSelect }: LinesProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const lastTop = useRef(0);
  /** Whether somebody has gone down, and has done nothing else in the console since. */
  const isGoingDown = useRef(false);
  // The compiler's rule: this hook's functions change inside, so nothing here may be memoized.
  // eslint-disable-next-line react-hooks/incompatible-library
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 22,
    getItemKey: (index) => lines[index]?.seq ?? index,
    overscan: 20,
  });
  const totalPx = virtual.getTotalSize();
  const heightPx = virtual.scrollRect?.height;
  // Also when lines turn out to be higher than was guessed, or the console itself is resized.
  useLayoutEffect(() => {
    if (follow) scroller.current?.scrollTo({ top: totalPx });
  }, [follow, totalPx, heightPx]);

  /**
   * Scrolling up, by whatever means, reads in peace; scrolling to the end follows again. On the way
   * down it is not somebody who moves it up: the browser goes on to where the end was, or lines turn
   * out to be lower than was guessed.
   */
  const onScroll = ({ currentTarget: at }: UIEvent) => {
    const isUp = at.scrollTop < lastTop.current;
    lastTop.current = at.scrollTop;
    const leftPx = at.scrollHeight - at.scrollTop - at.clientHeight;
    // Fewer lines, as when a filter is set, also move it up, but to the end.
    const isMovedUp = isUp && leftPx >= 1;
    if (isMovedUp && !isGoingDown.current) onFollow(false);
    if (isMovedUp && isGoingDown.current && follow) at.scrollTo({ top: at.scrollHeight });
    if (!isUp && leftPx < NEAR_END_PX) onFollow(true);
  };
  return (
    <div
      ref={scroller}
      className={classes.scroller}
      onScroll={onScroll}
      onKeyDown={({ key, shiftKey }) => {
        isGoingDown.current = DOWN.includes(key) && !shiftKey;
      }}
      onWheel={({ deltaY }) => {
        isGoingDown.current = deltaY > 0;
      }}
      onPointerDown={() => {
        isGoingDown.current = false;
      }}
      role="log"
      aria-label="Console"
      tabIndex={0}
    >
      <div style={{ height: totalPx, position: 'relative' }}>
        {virtual.getVirtualItems().map(({ key, index, start }) => {
          const line = lines[index];
          if (line === undefined) return null;
          return (
            <div
              key={key}
              ref={virtual.measureElement}
              data-index={index}
              className={classes.row}
              style={{ transform: `translateY(${start}px)` }}
            >
              <ConsoleLine line={line} onSelect={onSelect} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

function ConsoleLine({ line, onSelect }: { line: Line; onSelect: (step: string) => void }) {
  const { step, node } = line;
  const icon = line.kind === 'log' ? 'log' : ICONS[line.tone];
  return (
    <div className={classes.line} data-tone={line.tone}>
      <span className={classes.time} title={`${fullTime(line.at)}, event ${line.seq}`}>
        {clockTime(line.at)}
      </span>
      {step !== null && node !== null ? (
        <button type="button" className={classes.node} title={node} onClick={() => onSelect(step)}>
          {node}
        </button>
      ) : (
        <span className={classes.run}>run</span>
      )}
      <span className={classes.icon}>{icon && <Icon name={icon} size={12} />}</span>
      <span className={classes.text}>{line.text}</span>
    </div>
  );
}

/** Each event's line is made once, however often the list of events grows. */
function rememberedLines(nameOf: (node: string) => string): (event: RunEvent) => Line {
  const lines = new WeakMap<RunEvent, Line>();
  return (event) => {
    const line = lines.get(event) ?? lineOf(event, nameOf);
    lines.set(event, line);
    return line;
  };
}

function isOfKind(line: Line, kind: Kind): boolean {
  if (kind === 'log') return line.kind === 'log';
  return kind === 'all' || line.tone === 'bad' || (kind === 'warn' && line.tone === 'warn');
}
