import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { ARGS, CommandIDs, DOMAIN } from '../jupyterlab/commands';
import { openAtCell } from '../jupyterlab/opencell';
import { reporting } from '../jupyterlab/reporting';

/** Adds the command that opens a notebook at one of its cells. */
export const navigationPlugin: JupyterFrontEndPlugin<void> = {
  id: 'rsp-health:navigation',
  description: 'Opens a notebook at the cell that failed.',
  autoStart: true,
  requires: [IDocumentManager, INotebookTracker],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    documents: IDocumentManager,
    tracker: INotebookTracker,
    translator: ITranslator | null
  ): void => {
    const { commands } = app;
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    commands.addCommand(CommandIDs.openAtCell, {
      label: trans.__('Open at cell'),
      caption: trans.__('Open the notebook and go to this cell'),
      describedBy: { args: ARGS.cell },
      execute: reporting(trans, args =>
        openAtCell(documents, tracker, {
          path: args.path as string,
          cellId: args.cellId as string | undefined,
          index: args.index as number | undefined
        })
      )
    });
  }
};
