import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import type { Operation } from '../api/generated/api';
import { HealthError } from '../api/request';
import { CommandIDs } from '../jupyterlab/commands';
import { FAILURE_SHOWN } from '../jupyterlab/durations';
import {
  dismissNotice,
  tellTopic,
  updateNotice,
  withdrawTopic
} from '../jupyterlab/toasts';
import type { IHealthModel } from '../model/tokens';
import { errorSentence } from '../text/errors';
import { shortCommit, visible } from '../text/format';

/** How long the good end is shown before it moves to the list, in ms. */
const SHOWN = 20_000;

/** An operation that ends within this time shows only its end, in ms. */
const DELAY = 300;

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
    this._latest = operation;
    // What the one before has left, such as what could be restored then.
    withdrawTopic(topicOf(operation));
    this._timer = window.setTimeout(() => {
      this._id = Notification.emit(this._message(this._latest), 'in-progress', {
        autoClose: false,
        ...this._running(this._latest)
      });
    }, DELAY);
  }

  /** Show how far the operation is. */
  update(operation: Operation): void {
    this._latest = operation;
    if (operation.state !== 'running') {
      window.clearTimeout(this._timer);
      this._end(operation);
    } else if (this._id !== null) {
      updateNotice({
        id: this._id,
        message: this._message(operation),
        ...this._running(operation)
      });
    }
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
                autoClose: FAILURE_SHOWN
              });
            });
          }
        }
      ]
    };
  }

  private _message(operation: Operation): string {
    const { trans } = this._options;
    const { percent, phase } = operation;
    const title = this._title(operation);
    // Lab's notices show no bar. In steps: a screen reader reads each out.
    return percent === null
      ? trans.__('%1: %2', title, phase)
      : trans.__('%1: %2, %3 %', title, phase, Math.floor(percent / 10) * 10);
  }

  private _end(operation: Operation): void {
    const { trans } = this._options;
    const title = this._title(operation);
    if (operation.state === 'done') {
      this._show('success', this._success(operation), {
        autoClose: SHOWN,
        actions: this._actions(operation)
      });
      const { warning } = operation;
      if (warning) {
        Notification.warning(`${warning.message} ${warning.hint}`, {
          autoClose: FAILURE_SHOWN
        });
      }
    } else if (operation.state === 'cancelled') {
      this._show(
        'info',
        trans.__('%1: cancelled. Everything is as it was.', title),
        { autoClose: SHOWN, actions: [] }
      );
    } else {
      const { error } = operation;
      const text = error
        ? errorSentence(
            new HealthError(error.error, error.message, error.hint),
            trans
          )
        : trans.__('it failed, and the server does not say why.');
      this._show('error', trans.__('%1: %2', title, text), {
        autoClose: FAILURE_SHOWN,
        actions: error?.error === 'changed' ? [this._again(operation)] : []
      });
    }
  }

  /** The user went on working while the clone was under way. */
  private _again(operation: Operation): Notification.IAction {
    const { commands, trans } = this._options;
    return {
      label: trans.__('Look again…'),
      caption: trans.__('See the new list, and decide again'),
      displayType: 'accent',
      callback: () =>
        void commands.execute(CommandIDs.checkout, {
          repository: operation.repository
        })
    };
  }

  /** Show the end, in place of the running notice if that is shown. */
  private _show(
    type: Notification.TypeOptions,
    message: string,
    options: Notification.IOptions<never>
  ): void {
    if (this._id !== null) {
      dismissNotice(this._id);
      this._id = null;
    }
    tellTopic(topicOf(this._latest), message, type, options);
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
        visible(operation.path ?? operation.directory)
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
  private readonly _timer: number;
  private _latest: Operation;
  /** Null until it is shown. */
  private _id: string | null = null;
}

function topicOf({ repository }: Operation): string {
  return `checkout:${repository}`;
}
