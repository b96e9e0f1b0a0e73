import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CommandIDs, DOMAIN } from '../jupyterlab/commands';
import { openAtCell } from '../jupyterlab/opencell';
import { withErrorNotification } from '../jupyterlab/errornotification';
import { IHealthModel } from '../model/tokens';
import { RUN_ARGS } from '../runs/runargs';

/** Adds the commands that open what a run has executed. */
export const executedPlugin: JupyterFrontEndPlugin<void> = {
  id: 'rsp-health:executed',
  description: 'Opens executed copies, also with the variables of a cell.',
  autoStart: true,
  requires: [IHealthModel, IDocumentManager, INotebookTracker],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: IHealthModel,
    documents: IDocumentManager,
    tracker: INotebookTracker,
    translator: ITranslator | null
  ): void => {
    const { commands } = app;
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    commands.addCommand(CommandIDs.openExecutedCopy, {
      label: trans.__('Open the executed copy'),
      caption: trans.__('Open the notebook as it was run, with its outputs'),
      describedBy: { args: RUN_ARGS.runCell },
      execute: withErrorNotification(trans, async args => {
        const { path } = await model.api.copyExecuted(args.run as string, {
          notebook: args.notebook as string,
          purpose: 'read'
        });
        return openAtCell(documents, tracker, {
          path,
          cellId: args.cellId as string | undefined,
          index: args.index as number | undefined
        });
      })
    });
    commands.addCommand(CommandIDs.debugAtCell, {
      label: trans.__('Debug at cell'),
      caption: trans.__(
        'Run a copy of the notebook up to this cell, in a kernel that stays'
      ),
      describedBy: {
        args: { ...RUN_ARGS.runCell, required: ['run', 'notebook', 'index'] }
      },
      execute: withErrorNotification(trans, async args => {
        const [{ debugAtCell }, { NotebookActions }] = await Promise.all([
          import('../runs/debugrun'),
          import('@jupyterlab/notebook')
        ]);
        return debugAtCell(
          {
            model,
            documents,
            tracker,
            trans,
            runCell: (notebook, cell, session) =>
              NotebookActions.runCells(notebook, [cell], session)
          },
          {
            run: args.run as string,
            notebook: args.notebook as string,
            index: args.index as number,
            cellId: args.cellId as string | undefined
          }
        );
      })
    });
  }
};
