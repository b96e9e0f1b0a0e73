import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import type { Operation } from '../api/generated/api';
import { FAILURE_SHOWN } from '../jupyterlab/durations';
import type { IHealthModel } from '../model/tokens';
import { visible } from '../text/format';
import type { OperationNotice } from './progress';

/** What the watch works with. */
export interface IWatchOptions {
  commands: CommandRegistry;
  documents: IDocumentManager | null;
  model: IHealthModel;
  shell: JupyterFrontEnd.IShell;
  trans: TranslationBundle;
}

/**
 * Shows every operation that is under way: also those that another tab or this
 * one before a reload has started.
 */
export class OperationWatch {
  constructor(options: IWatchOptions) {
    this._options = options;
    options.model.operations.changed.connect(this._onChanged, this);
    options.model.operations.finished.connect(this._onFinished, this);
  }

  private _onChanged(_: unknown, operation: Operation): void {
    const known = this._notices.get(operation.id);
    if (known) {
      void known.then(notice => {
        notice.update(operation);
      });
      return;
    }
    this._notices.set(
      operation.id,
      import('./progress').then(({ OperationNotice }) => {
        const notice = new OperationNotice(operation, this._options);
        if (operation.state !== 'running') {
          notice.update(operation);
        }
        return notice;
      })
    );
  }

  private _onFinished(_: unknown, operation: Operation): void {
    this._notices.delete(operation.id);
    if (operation.state === 'done' && !operation.up_to_date) {
      void this._showNewFiles(operation);
    }
  }

  private async _showNewFiles(operation: Operation): Promise<void> {
    const { commands, documents, shell, trans } = this._options;
    const { openDocuments, reloadClean } = await import('./documents');
    const kept = await reloadClean(
      openDocuments(shell, documents, operation.directory)
    );
    if (kept.length) {
      Notification.warning(
        trans.__(
          'Unsaved text stays in the tab of %1; the file on disk is the new one.',
          kept.map(visible).join(', ')
        ),
        { autoClose: FAILURE_SHOWN }
      );
    }
    if (operation.kind !== 'remove') {
      await commands.execute('filebrowser:go-to-path', {
        path: operation.directory,
        dontShowBrowser: true
      });
    }
  }

  private readonly _options: IWatchOptions;
  private readonly _notices = new Map<string, Promise<OperationNotice>>();
}
