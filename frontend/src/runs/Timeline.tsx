import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import { StatusSign } from '../ui/StatusBadge';
import { duration } from '../ui/times';
import { isFinished, type RunState } from './events';
import { ticksOf, timelineOf, type Bar, type Row } from './timeline';
import classes from './Timeline.module.css';

const ROW_PX = 28;
const TICKS = 6;

interface Props {
  run: RunState;
  nameOf: (node: string) => string;
  selected: string | null;
  onSelect: (step: string) => void;
}

/** When each step ran: one row a step, one bar an attempt. */
export function Timeline({ run, nameOf, selected, onSelect }: Props) {
  const now = useNow(!isFinished(run.status) && run.seq > 0);
  const { span, rows } = useMemo(() => timelineOf(run, now), [run, now]);
  const scroller = useRef<HTMLDivElement>(null);
  // The compiler's rule: this hook's functions change inside, so nothing here may be memoized.
  // eslint-disable-next-line react-hooks/incompatible-library
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
  });
  if (rows.length === 0) return <div className={classes.empty}>No step has started yet.</div>;
  return (
    <div ref={scroller} className={classes.scroller}>
      <div className={classes.axis}>
        <div className={classes.scale}>
          {ticksOf(span.lengthMs, TICKS).map((ms) => (
            <span key={ms} className={classes.tick} style={{ left: percent(ms / span.lengthMs) }}>
              {duration(ms)}
            </span>
          ))}
        </div>
      </div>
      <div
        role="list"
        aria-label="Steps"
        style={{ height: virtual.getTotalSize(), position: 'relative' }}
      >
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          if (row === undefined) return null;
          return (
            <div
              key={row.step.id}
              ref={virtual.measureElement}
              data-index={index}
              role="listitem"
              className={classes.row}
              style={{ transform: `translateY(${start}px)` }}
            >
              <StepRow
                row={row}
                name={nameOf(row.step.node)}
                selected={row.step.id === selected}
                onSelect={onSelect}
              />
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface StepRowProps {
  row: Row;
  name: string;
  selected: boolean;
  onSelect: (step: string) => void;
}

function StepRow({ row, name, selected, onSelect }: StepRowProps) {
  const { step, bars, ms } = row;
  const nth = step.iteration > 0 ? ` #${step.iteration + 1}` : '';
  const length = ms === null ? '…' : duration(ms);
  return (
    <button
      type="button"
      className={classes.step}
      data-status={step.status}
      aria-pressed={selected}
      onClick={() => onSelect(step.id)}
      // First what is seen, as it is seen: who speaks to the browser says that.
      aria-label={`${name}${nth}${ms === null ? '' : ` ${length}`}, ${step.status}`}
    >
      <span className={classes.name}>
        <StatusSign status={step.status} />
        <span className={classes.nodeName}>{name}</span>
        <span className={classes.nth}>{nth}</span>
      </span>{' '}
      <span className={classes.bars}>
        {bars.map((bar) => (
          <span
            key={bar.n}
            className={classes.bar}
            data-failed={bar.failed || undefined}
            title={barTitle(bar)}
            style={{ left: percent(bar.from), width: `max(3px, ${percent(bar.to - bar.from)})` }}
          />
        ))}
      </span>
      <span className={classes.length}>{length}</span>
    </button>
  );
}

function barTitle(bar: Bar): string {
  return `Attempt ${bar.n}${bar.failed ? ', failed' : ''}: ${duration(bar.ms)}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(3)}%`;
}

/** The time, moving while `isMoving`, so that what still runs grows. */
function useNow(isMoving: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!isMoving) return;
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [isMoving]);
  return now;
}
