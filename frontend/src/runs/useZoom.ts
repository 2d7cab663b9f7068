import {
  useEffect,
  useEffectEvent,
  useLayoutEffect,
  useRef,
  useState,
  type RefObject,
} from 'react';

/** A run of an hour shows each second in some pixels then. */
const MOST = 256;
const STEP = 2;

/** How far what scrolls sideways is stretched, and how much of it stays where it is seen. */
export interface Zoom {
  /** What scrolls, and what of it does not, at its left side. */
  scroller: RefObject<HTMLDivElement | null>;
  fixed: RefObject<HTMLDivElement | null>;
  factor: number;
  /** Undefined where it goes no further. */
  zoomIn: (() => void) | undefined;
  zoomOut: (() => void) | undefined;
  reset: () => void;
}

/**
 * Stretches what is shown beside `fixed`; with Ctrl or Cmd the wheel does, too, around the pointer.
 * What was there, or in the middle, stays in its place.
 */
export function useZoom(): Zoom {
  const scroller = useRef<HTMLDivElement>(null);
  const fixed = useRef<HTMLDivElement>(null);
  const fixedPx = () => fixed.current?.offsetWidth ?? 0;
  const [factor, setFactor] = useState(1);
  const kept = useRef<{ atPx: number; behindPx: number; by: number } | null>(null);

  const zoom = (to: number, aroundPx?: number) => {
    const at = scroller.current;
    const next = Math.min(MOST, Math.max(1, to));
    if (at === null || next === factor) return;
    const atPx = aroundPx ?? (fixedPx() + at.clientWidth) / 2;
    kept.current = { atPx, behindPx: at.scrollLeft + atPx - fixedPx(), by: next / factor };
    setFactor(next);
  };

  useLayoutEffect(() => {
    if (kept.current === null || scroller.current === null) return;
    const { atPx, behindPx, by } = kept.current;
    scroller.current.scrollLeft = behindPx * by + fixedPx() - atPx;
    kept.current = null;
  });

  const onWheel = useEffectEvent((event: WheelEvent) => {
    if (!event.ctrlKey && !event.metaKey) return;
    // Else the browser zooms the whole page.
    event.preventDefault();
    const left = scroller.current?.getBoundingClientRect().left ?? 0;
    zoom(event.deltaY < 0 ? factor * STEP : factor / STEP, event.clientX - left);
  });
  useEffect(() => {
    const at = scroller.current;
    at?.addEventListener('wheel', onWheel, { passive: false });
    return () => at?.removeEventListener('wheel', onWheel);
  }, []);

  return {
    scroller,
    fixed,
    factor,
    zoomIn: factor < MOST ? () => zoom(factor * STEP) : undefined,
    zoomOut: factor > 1 ? () => zoom(factor / STEP) : undefined,
    reset: () => zoom(1),
  };
}
