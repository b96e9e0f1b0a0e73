import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { errorSentence } from './errors';

/**
 * Make a command tell the user of its errors, in words, as a notification.
 *
 * @param trans - The translations.
 * @param execute - What the command does.
 */
export function reporting<T>(
  trans: TranslationBundle,
  execute: (args: ReadonlyPartialJSONObject) => Promise<T>
): (args: ReadonlyPartialJSONObject) => Promise<T | null> {
  return async args => {
    try {
      return await execute(args);
    } catch (error) {
      Notification.error(errorSentence(error, trans), { autoClose: false });
      return null;
    }
  };
}
