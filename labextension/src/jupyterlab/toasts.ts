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

/** The notices that were updated since they were shown. */
const updated = new Set<string>();

/** Lab draws an update within this time, in ms. */
const DRAWN = 100;

/** Change a notice that is shown. */
export function updateNotice(
  update: Parameters<typeof Notification.update>[0]
): void {
  updated.add(update.id);
  Notification.update(update);
}

/**
 * Take a notice away.
 *
 * Lab draws an update in two steps, one timer after the other. If the notice
 * is dismissed between them, the second step shows it again, for ever.
 */
export function dismissNotice(id: string): void {
  if (updated.delete(id)) {
    window.setTimeout(() => {
      Notification.dismiss(id);
    }, DRAWN);
  } else {
    Notification.dismiss(id);
  }
}

/** Take away what was told of a topic: it is no longer true. */
export function withdrawTopic(topic: string): void {
  const id = topics.get(topic);
  if (id !== undefined) {
    dismissNotice(id);
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
    dismissNotice(id);
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
    updateNotice({ id, message });
    return id;
  }
  const { autoClose } = options;
  const isComing =
    typeof autoClose !== 'number' || Date.now() - notice.createdAt < autoClose;
  if (isComing) {
    return replaceNotice(id, message, notice.type, options);
  }
  updateNotice({ id, message, autoClose: 0 });
  return id;
}
