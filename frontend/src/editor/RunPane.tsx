import { ActionIcon, CloseButton } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { useRef, type KeyboardEvent, type PointerEvent } from 'react';
import { Link } from 'react-router';
import type { Run } from '../api/types';
import { isFinished } from '../runs/events';
import { RunActions } from '../runs/RunActions';
import { RunRecord } from '../runs/RunRecord';
import { Icon } from '../ui/Icon';
import { Panel } from '../ui/Panel';
import { StatusBadge } from '../ui/StatusBadge';
import { between, shortTime } from '../ui/times';
import { useEditing } from './context';
import classes from './RunPane.module.css';
import type { ShownRun } from './useShownRun';

const LEAST_PX = 140;
const STEP_PX = 32;

interface Props {
  run: ShownRun;
  nameOf: (node: string) => string;
  /** The step that is shown beside. */
  step: string | null;
  onStep: (step: string) => void;
  onMade: (run: Run) => void;
  onClose: () => void;
}

/** The run that is shown on the canvas: how it stands, what can be done, its console and timeline. */
export function RunPane({ run, nameOf, step, onStep, onMade, onClose }: Props) {
  const { saver } = useEditing();
  const [{ isOpen, height }, setPane] = useRemembered();
  const { row, state } = run;
  const status = state.seq > 0 ? state.status : (row?.status ?? 'pending');
  const startedAt = row?.started_at ?? state.startedAt;
  const failed = [...state.latest.values()].find((each) => each.status === 'failed');
  return (
    <section aria-label="Run">
      <Panel>
        {isOpen && (
          <Edge height={height} onResize={(next) => setPane({ isOpen, height: atLeast(next) })} />
        )}
        <div className={classes.head}>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label="Console and timeline"
            aria-expanded={isOpen}
            onClick={() => setPane({ isOpen: !isOpen, height })}
          >
            <Icon name={isOpen ? 'down' : 'up'} size={14} />
          </ActionIcon>
          <StatusBadge status={status} />
          <span className={classes.told}>
            {row !== null && `v${row.version} · ${row.trigger}`}
            {startedAt !== null && ` · ${shortTime(startedAt)}`}
            {isFinished(status) && ` · ${between(startedAt, row?.finished_at ?? state.finishedAt)}`}
          </span>
          <div className={classes.deeds}>
            {status === 'failed' && failed !== undefined && (
              <button type="button" className={classes.why} onClick={() => onStep(failed.id)}>
                <b>{nameOf(failed.node)}</b> {failed.error?.message}
              </button>
            )}
            <Link to={`/runs/${run.id}`}>Open the run</Link>
            <Link to={`/runs/${run.id}/compare`}>Compare with another</Link>
            {row !== null && (
              <RunActions
                key={row.id}
                run={row}
                status={status}
                flush={() => saver.flush()}
                onMade={onMade}
              />
            )}
          </div>
          <CloseButton aria-label="Show no run" size="sm" onClick={onClose} />
        </div>
        {isOpen && (
          <div className={classes.body} style={{ height }}>
            <RunRecord run={state} nameOf={nameOf} selected={step} onSelect={onStep} />
          </div>
        )}
      </Panel>
    </section>
  );
}

/** Whether the pane is open, and how high, in this browser. */
function useRemembered() {
  return useLocalStorage({
    key: 'ff-run-pane',
    defaultValue: { isOpen: false, height: 240 },
    getInitialValueInEffect: false,
  });
}

function atLeast(height: number): number {
  return Math.round(Math.min(Math.max(height, LEAST_PX), window.innerHeight * 0.6));
}

/** The upper edge, by which the pane is made higher: dragged, or moved by the arrow keys. */
function Edge({ height, onResize }: { height: number; onResize: (height: number) => void }) {
  const from = useRef<{ y: number; height: number } | null>(null);
  const grab = (event: PointerEvent) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    from.current = { y: event.clientY, height };
  };
  const drag = ({ clientY }: PointerEvent) => {
    if (from.current !== null) onResize(from.current.height + from.current.y - clientY);
  };
  const move = (event: KeyboardEvent) => {
    const by = { ArrowUp: STEP_PX, ArrowDown: -STEP_PX }[event.key];
    if (by === undefined) return;
    // The canvas takes arrows, too.
    event.stopPropagation();
    event.preventDefault();
    onResize(height + by);
  };
  return (
    <div
      role="separator"
      aria-orientation="horizontal"
      aria-label="Height of the console"
      aria-valuenow={height}
      aria-valuemin={LEAST_PX}
      tabIndex={0}
      className={classes.edge}
      onPointerDown={grab}
      onPointerMove={drag}
      onPointerUp={() => (from.current = null)}
      onPointerCancel={() => (from.current = null)}
      onKeyDown={move}
    />
  );
}
