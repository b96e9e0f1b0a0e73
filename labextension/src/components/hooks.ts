import type { ISignal } from '@lumino/signaling';
import { useEffect, useLayoutEffect, useReducer, useState } from 'react';

/**
 * Render again whenever one of the signals is emitted.
 *
 * @param signals - Always the same ones, in the same order.
 */
export function useSignals(...signals: ISignal<unknown, unknown>[]): void {
  const [, render] = useReducer((count: number) => count + 1, 0);
  useLayoutEffect(() => {
    const slot = (): void => {
      render();
    };
    signals.forEach(signal => signal.connect(slot));
    // What was emitted between the rendering and now was missed.
    slot();
    return () => {
      signals.forEach(signal => signal.disconnect(slot));
    };
    // The signals of one component are the same for its whole life.
  }, signals);
}

/**
 * The present moment on the clock of `performance.now()`, in ms; renders again
 * at an interval, so that shown ages grow.
 *
 * @param interval - In ms.
 */
export function useNow(interval: number): number {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    const timer = window.setInterval(() => {
      setNow(performance.now());
    }, interval);
    return () => {
      window.clearInterval(timer);
    };
  }, [interval]);
  return now;
}
