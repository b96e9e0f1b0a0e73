import type { Widget } from '@lumino/widgets';

/**
 * Make a widget when it is first asked for, with the code that it comes from;
 * again when that failed, and when the widget was disposed of.
 *
 * @param make - Loads the code, and makes it.
 * @returns What gives the widget.
 */
export function lazyWidget<T extends Widget>(
  make: () => Promise<T>
): () => Promise<T> {
  let known: Promise<T> | null = null;
  const forget = (): void => {
    known = null;
  };
  return async () => {
    known ??= make().then(
      widget => {
        widget.disposed.connect(forget);
        return widget;
      },
      (error: unknown) => {
        forget();
        throw error;
      }
    );
    return known;
  };
}
