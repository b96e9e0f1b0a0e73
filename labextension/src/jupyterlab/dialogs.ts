import { Dialog } from '@jupyterlab/apputils';

/**
 * A dialog of Lab that has its title as its name for a screen reader.
 *
 * Lab's own gives a name only to those whose body is a text.
 *
 * @param options - As Lab takes them.
 */
export function namedDialog<T>(
  options: Partial<Dialog.IOptions<T>> & { title: string }
): Dialog<T> {
  const dialog = new Dialog(options);
  if (typeof options.body !== 'string') {
    dialog.node.setAttribute('aria-label', options.title);
  }
  return dialog;
}
