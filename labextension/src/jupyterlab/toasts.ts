import { Notification } from '@jupyterlab/apputils';

/** The notice of each topic. */
const topics = new Map<string, string>();

/**
 * Tell something of a topic (a service, a run, a checkout) in place of what
 * was told of it before.
 *
 * @param topic - What it is about.
 */
export function tellTopic(
  topic: string,
  message: string,
  type: Notification.TypeOptions,
  options: Notification.IOptions<never>
): void {
  const before = topics.get(topic) ?? null;
  topics.set(topic, replaceNotice(before, message, type, options));
}

/** Take away what was told of a topic: it is no longer true. */
export function withdrawTopic(topic: string): void {
  const id = topics.get(topic);
  if (id !== undefined) {
    Notification.dismiss(id);
    topics.delete(topic);
  }
}

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

/**
 * Correct the words of a notice: where it is shown, in its place; where it is
 * in Lab's list only, there, and nothing pops up again.
 *
 * @returns The id that it has then.
 */
export function amendNotice(
  id: string,
  message: string,
  options: Notification.IOptions<never>
): string {
  const notice = Notification.manager.notifications.find(
    candidate => candidate.id === id
  );
  if (!notice) {
    return id; // The user has put it away.
  }
  if (document.getElementById(id)) {
    Notification.update({ id, message });
    return id;
  }
  const { autoClose } = options;
  const isComing =
    typeof autoClose !== 'number' || Date.now() - notice.createdAt < autoClose;
  if (isComing) {
    return replaceNotice(id, message, notice.type, options);
  }
  Notification.update({ id, message, autoClose: 0 });
  return id;
}
