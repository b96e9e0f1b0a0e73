import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { INotebookTracker, NotebookActions } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { ARGS, CommandIDs, DOMAIN } from '../jupyterlab/commands';
import { openAtCell } from '../jupyterlab/opencell';
import { withErrorNotification } from '../jupyterlab/errornotification';
import { IHealthModel } from '../model/tokens';

/** Adds the command that opens a notebook at one of its cells. */
export const navigationPlugin: JupyterFrontEndPlugin<void> = {
  id: 'rsp-health:navigation',
  description: 'Opens a notebook at the cell that failed.',
  autoStart: true,
  requires: [IDocumentManager, INotebookTracker],
  optional: [ITranslator, IHealthModel],
  activate: (
    app: JupyterFrontEnd,
    documents: IDocumentManager,
    tracker: INotebookTracker,
    translator: ITranslator | null,
    model: IHealthModel | null
  ): void => {
    const { commands } = app;
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    if (model) {
      void app.restored.then(async () => {
        const { FailedCells } = await import('../runs/failedcells');
        const { executed } = NotebookActions;
        new FailedCells({ tracker, model, executed, trans });
      });
    }
    commands.addCommand(CommandIDs.openAtCell, {
      label: trans.__('Open at cell'),
      caption: trans.__('Open the notebook and go to this cell'),
      describedBy: { args: ARGS.cell },
      execute: withErrorNotification(trans, args =>
        openAtCell(documents, tracker, {
          path: args.path as string,
          cellId: args.cellId as string | undefined,
          index: args.index as number | undefined
        })
      )
    });
  }
};
