import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { errorSentence } from '../text/errors';
import { FAILURE_SHOWN } from './durations';

/** Tell the user of an error, in words, as a notification. */
export function notifyError(error: unknown, trans: TranslationBundle): void {
  Notification.error(errorSentence(error, trans), { autoClose: FAILURE_SHOWN });
}

/**
 * Make a command tell the user of its errors, in words, as a notification.
 *
 * @param trans - The translations.
 * @param execute - What the command does.
 */
export function withErrorNotification<T>(
  trans: TranslationBundle,
  execute: (args: ReadonlyPartialJSONObject) => Promise<T>
): (args: ReadonlyPartialJSONObject) => Promise<T | null> {
  return async args => {
    try {
      return await execute(args);
    } catch (error) {
      notifyError(error, trans);
      return null;
    }
  };
}

/**
 * Execute a command; say so if its plugin was switched off.
 *
 * @param trans - The translations.
 * @param commands - The commands of the lab.
 * @param command - Its id.
 * @param args - Its arguments.
 * @returns When it has ended.
 */
export function executeOrTell(
  trans: TranslationBundle,
  commands: CommandRegistry,
  command: string,
  args?: ReadonlyPartialJSONObject
): Promise<unknown> {
  if (commands.hasCommand(command)) {
    return commands.execute(command, args);
  }
  Notification.warning(
    trans.__(
      'This part of RSP Health is switched off here. The operators of the lab can switch it on.'
    ),
    { autoClose: 10_000 }
  );
  return Promise.resolve();
}
