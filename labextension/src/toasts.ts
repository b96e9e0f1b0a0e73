import { Notification } from '@jupyterlab/apputils';

/**
 * Show a notice in place of one that may still be shown.
 *
 * Use it for whatever must be seen. Lab loses an update that comes while it
 * is drawing the notice for the first time, and the notice then stays as it
 * was, for ever; taking the old one away and giving a new one is never lost.
 *
 * @param id - The old notice; null if there is none.
 * @returns The id of the new one.
 */
export function replaceNotice(
  id: string | null,
  message: string,
  type: Notification.TypeOptions,
  options: Notification.IOptions<never>
): string {
  if (id !== null) {
    Notification.dismiss(id);
  }
  return Notification.emit(message, type, options);
}
