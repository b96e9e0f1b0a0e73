import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { amendNotice } from '../jupyterlab/toasts';
import type { NotebookContext } from './preview';
import { unsaved } from './messages';

/** The notebooks that a notice is about. */
export interface IChanged {
  /** Those that were changed in their tabs. */
  open: NotebookContext[];
  /** How many there are, open or not. */
  all: number;
}

/**
 * Tell of notebooks that were changed, and, as long as it is so, that they
 * are not saved.
 */
export function tellChanged(
  message: string,
  { open, all }: IChanged,
  options: Notification.IOptions<never>,
  trans: TranslationBundle
): void {
  // Collaborators' documents are saved by the server, a moment later.
  const own = open.filter(({ model }) => !model.collaborative);
  const waiting = new Set(own.filter(({ model }) => model.dirty));
  const text = (): string =>
    [
      message,
      unsaved(waiting.size, all, trans),
      own.length < open.length
        ? trans.__('The lab saves open notebooks by itself.')
        : ''
    ]
      .filter(Boolean)
      .join(' ');
  let id = Notification.success(text(), options);
  for (const context of waiting) {
    const onChanged = (): void => {
      if (context.model.dirty) {
        return;
      }
      context.model.stateChanged.disconnect(onChanged);
      waiting.delete(context);
      id = amendNotice(id, text(), options);
    };
    context.model.stateChanged.connect(onChanged);
  }
}
