import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import { CommandIDs } from '../commands';
import { errorSentence } from '../errors';
import { shortCommit } from '../format';
import type { Operation } from '../generated/api';
import { HealthError } from '../request';
import type { IHealthModel } from '../tokens';

/** How long the good end is shown before it moves to the list, in ms. */
const SHOWN = 20_000;

/** What the notices work with. */
export interface IProgressOptions {
  model: IHealthModel;
  commands: CommandRegistry;
  trans: TranslationBundle;
}

/** One operation's notice: a bar with a Cancel, then its end. */
export class OperationNotice {
  constructor(operation: Operation, options: IProgressOptions) {
    this._options = options;
    this._id = Notification.emit(this._message(operation), 'in-progress', {
      autoClose: false,
      ...this._running(operation)
    });
  }

  /** Show how far the operation is. */
  update(operation: Operation): void {
    if (operation.state === 'running') {
      Notification.update({
        id: this._id,
        message: this._message(operation),
        ...this._running(operation)
      });
      return;
    }
    // A new notice, because the running one may have been closed.
    Notification.dismiss(this._id);
    this._end(operation);
  }

  private _running(operation: Operation) {
    const { model, trans } = this._options;
    return {
      // An unknown share is shown as a bar that only starts.
      progress: (operation.percent ?? 0) / 100,
      actions: [
        {
          label: trans.__('Cancel'),
          caption: trans.__('Leave everything as it was'),
          callback: (event: MouseEvent) => {
            event.preventDefault();
            model.api.cancel(operation.repository).catch((error: unknown) => {
              Notification.error(errorSentence(error, trans), {
                autoClose: false
              });
            });
          }
        }
      ]
    };
  }

  private _message(operation: Operation): string {
    const { trans } = this._options;
    return trans.__('%1: %2', this._title(operation), operation.phase);
  }

  private _end(operation: Operation): void {
    const { trans } = this._options;
    const title = this._title(operation);
    if (operation.state === 'done') {
      Notification.success(this._success(operation), {
        autoClose: SHOWN,
        actions: this._actions(operation)
      });
      const { warning } = operation;
      if (warning) {
        Notification.warning(`${warning.message} ${warning.hint}`, {
          autoClose: false
        });
      }
    } else if (operation.state === 'cancelled') {
      Notification.info(
        trans.__('%1: cancelled. Everything is as it was.', title),
        { autoClose: SHOWN }
      );
    } else {
      const { error } = operation;
      const text = error
        ? errorSentence(
            new HealthError(error.error, error.message, error.hint),
            trans
          )
        : trans.__('it failed, and the server does not say why.');
      Notification.error(trans.__('%1: %2', title, text), { autoClose: false });
    }
  }

  private _success(operation: Operation): string {
    const { trans } = this._options;
    const title = this._title(operation);
    const commit = operation.commit ? shortCommit(operation.commit) : '';
    if (operation.up_to_date) {
      return trans.__('%1: already up to date (%2).', title, commit);
    }
    if (operation.kind === 'remove') {
      return trans.__(
        '%1: moved from %2 to a backup.',
        title,
        operation.directory
      );
    }
    if (operation.kind === 'reset') {
      return trans.__(
        '%1: %2 is as upstream again.',
        title,
        operation.path ?? operation.directory
      );
    }
    if (operation.kind === 'restore') {
      return trans.__(
        '%1: the backup is back in %2.',
        title,
        operation.directory
      );
    }
    return commit
      ? trans.__('%1 is in %2 (%3).', title, operation.directory, commit)
      : trans.__('%1 is in %2.', title, operation.directory);
  }

  private _actions(operation: Operation): Notification.IAction[] {
    const { commands, trans } = this._options;
    const actions: Notification.IAction[] = [];
    if (operation.kind !== 'remove') {
      actions.push({
        label: trans.__('Open'),
        caption: trans.__('Show the folder in the file browser'),
        displayType: 'accent',
        callback: () =>
          void commands.execute(CommandIDs.openFolder, {
            path: operation.directory
          })
      });
    }
    if (operation.backup !== null) {
      actions.push({
        label: trans.__('Restore previous'),
        caption: trans.__('Put back what was there before'),
        callback: () =>
          void commands.execute(CommandIDs.restore, {
            repository: operation.repository,
            backup: operation.backup
          })
      });
    }
    return actions;
  }

  private _title(operation: Operation): string {
    const repository = this._options.model.repositories.data?.repositories.find(
      candidate => candidate.id === operation.repository
    );
    return repository?.title ?? operation.repository;
  }

  private readonly _options: IProgressOptions;
  private readonly _id: string;
}
