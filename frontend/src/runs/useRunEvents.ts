import { useEffect, useState } from 'react';
import { useLive } from '../live/live';
import { receive, UNSEEN, type RunEvent, type RunState } from './events';

const GATHER_MS = 50;
/** Applying a portion costs as much as the run is long, so a long run takes larger portions. */
const EVENTS_A_MS = 200;

/**
 * The state of a run, kept up to date by its events. A component that uses it is keyed by the
 * run, since the state starts from nothing only when it is mounted.
 */
export function useRunEvents(run: string): RunState {
  const live = useLive();
  const [state, setState] = useState(UNSEEN);
  useEffect(() => {
    let current = UNSEEN;
    let inbox: RunEvent[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    let askedAfter = -1;

    const applyInbox = () => {
      timer = undefined;
      const portion = inbox;
      inbox = [];
      current = receive(current, portion);
      setState(current);
      // Once for each gap: what was asked for may still be on its way when more comes too early.
      if (current.missing && askedAfter !== current.seq) {
        askedAfter = current.seq;
        live.ask(run);
      }
    };
    const leave = live.follow(run, {
      after: () => current.seq,
      take: (event) => {
        inbox.push(event);
        timer ??= setTimeout(applyInbox, Math.max(GATHER_MS, current.seq / EVENTS_A_MS));
      },
    });
    return () => {
      leave();
      clearTimeout(timer);
    };
  }, [live, run]);
  return state;
}
