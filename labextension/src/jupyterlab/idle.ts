/**
 * Fetch what a click will need while nothing else is to be done, so that the
 * first click is answered as soon as any other.
 *
 * @param loads - Import parts of this extension.
 */
export function loadWhenIdle(...loads: (() => Promise<unknown>)[]): void {
  const load = (): void => {
    // What cannot be fetched now is fetched at the click, which tells of it.
    loads.forEach(one => void one().catch(() => undefined));
  };
  if ('requestIdleCallback' in window) {
    window.requestIdleCallback(load);
  } else {
    setTimeout(load, 2000);
  }
}
