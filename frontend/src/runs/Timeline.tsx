import { ActionIcon, Button } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useState, type CSSProperties } from 'react';
import { Icon, type IconName } from '../ui/Icon';
import { StatusSign } from '../ui/StatusBadge';
import { duration } from '../ui/times';
import { isFinished, type RunState } from './events';
import { ticksOf, timelineOf, type Bar, type Row, type Span } from './timeline';
import classes from './Timeline.module.css';
import { useZoom, type Zoom } from './useZoom';

const ROW_PX = 28;
const TICKS = 6;

interface Props {
  run: RunState;
  nameOf: (node: string) => string;
  selected: string | null;
  onSelect: (step: string) => void;
}

/** When each step ran: one row a step, one bar an attempt. */
export function Timeline(props: Props) {
  const { run } = props;
  const now = useNow(!isFinished(run.status) && run.seq > 0);
  const drawn = useMemo(() => timelineOf(run, now), [run, now]);
  if (drawn.rows.length === 0) return <div className={classes.empty}>No step has started yet.</div>;
  return <Chart {...props} {...drawn} />;
}

type ChartProps = Omit<Props, 'run'> & { span: Span; rows: Row[] };

function Chart({ span, rows, nameOf, selected, onSelect }: ChartProps) {
  const zoom = useZoom();
  // The compiler's rule: this hook's functions change inside, so nothing here may be memoized.
  // eslint-disable-next-line react-hooks/incompatible-library
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => zoom.scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
  });
  return (
    <div className={classes.timeline}>
      <ZoomTools zoom={zoom} />
      <div ref={zoom.scroller} className={classes.scroller}>
        <div className={classes.whole} style={{ '--zoom': zoom.factor } as CSSProperties}>
          <div className={classes.axis}>
            <div ref={zoom.fixed} className={classes.corner} />
            <div className={classes.scale}>
              {ticksOf(span.lengthMs, TICKS * zoom.factor).map((ms) => (
                <span
                  key={ms}
                  className={classes.tick}
                  style={{ left: percent(ms / span.lengthMs) }}
                >
                  {duration(ms)}
                </span>
              ))}
            </div>
            <div className={classes.corner} />
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
      </div>
    </div>
  );
}

function ZoomTools({ zoom: { factor, zoomIn, zoomOut, reset } }: { zoom: Zoom }) {
  return (
    <div role="group" aria-label="Zoom of time" className={classes.tools}>
      <ZoomButton label="Show time wider" icon="plus" onClick={zoomIn} />
      <ZoomButton label="Show time narrower" icon="minus" onClick={zoomOut} />
      <Button variant="default" size="compact-xs" disabled={factor === 1} onClick={reset}>
        Whole run
      </Button>
      <span className={classes.factor}>{factor === 1 ? '' : `${factor} times as wide`}</span>
    </div>
  );
}

interface ZoomButtonProps {
  label: string;
  icon: IconName;
  onClick: (() => void) | undefined;
}

function ZoomButton({ label, icon, onClick }: ZoomButtonProps) {
  return (
    <ActionIcon
      variant="default"
      size="sm"
      aria-label={label}
      disabled={onClick === undefined}
      onClick={onClick}
    >
      <Icon name={icon} size={12} />
    </ActionIcon>
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
