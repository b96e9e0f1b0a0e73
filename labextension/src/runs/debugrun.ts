import { Notification } from '@jupyterlab/apputils';
import type { ISessionContext } from '@jupyterlab/apputils';
import type { Cell, ICodeCellModel } from '@jupyterlab/cells';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type {
  INotebookTracker,
  Notebook,
  NotebookPanel
} from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { RunDocument } from '../api/generated/api';
import { findCell, openPanel, showCell } from '../jupyterlab/opencell';
import { replaceNotice } from '../jupyterlab/toasts';
import type { IHealthModel } from '../model/tokens';

/** A cell of a run. */
export interface IRunCell {
  /** Id of the run. */
  run: string;
  /** The notebook, as the run tells it. */
  notebook: string;
  /** Number of the code cell, from 1. */
  index: number;
  /** The cell's id, if it has one. */
  cellId?: string | undefined;
}

/** What of the lab is needed. */
export interface IDebugLab {
  documents: IDocumentManager;
  tracker: INotebookTracker;
  model: IHealthModel;
  trans: TranslationBundle;
  /** Runs one cell as the lab does; false if it failed. */
  runCell: (
    notebook: Notebook,
    cell: Cell,
    session: ISessionContext
  ) => Promise<boolean>;
}

/**
 * Open a cell of a run with the variables that it had: a copy of the notebook
 * as it was run, its cells above that one run again in a new kernel, which
 * stays. The cell itself is selected, and left to the user.
 *
 * @throws HealthError when there is no copy of the notebook.
 */
export async function debugAtCell(
  lab: IDebugLab,
  target: IRunCell
): Promise<void> {
  const { model, documents, trans } = lab;
  const run = await model.runs.load(target.run);
  const { path } = await model.api.copyExecuted(target.run, {
    notebook: target.notebook,
    purpose: 'debug'
  });
  const kernel = await startKernel(lab, run, target.notebook, path);
  const panel = await openPanel(documents, lab.tracker, path, kernel);
  if (!panel) {
    await documents.services.kernels.shutdown(kernel.id);
    return; // Lab has told why.
  }
  await panel.sessionContext.ready;
  const position = findCell(panel.content, target);
  const id = Notification.emit(
    trans.__(
      'Running the cells before [%1] of a copy of %2.',
      target.index,
      target.notebook
    ),
    'in-progress',
    { autoClose: false }
  );
  try {
    const failed = await runBefore(
      lab,
      panel,
      position,
      run.mode === 'jupyter'
    );
    if (panel.isDisposed) {
      Notification.dismiss(id);
      return;
    }
    await showCell(panel.content, failed ?? position);
    replaceNotice(
      id,
      failed === null
        ? trans.__(
            'The cells before [%1] have run; [%1] has not. Look at the variables, change it, run it: this is a copy, and its kernel stays until you shut it down.',
            target.index
          )
        : trans.__(
            'A cell before [%1] failed this time, and is selected. The kernel stays as it was then.',
            target.index
          ),
      failed === null ? 'success' : 'warning',
      { autoClose: 15_000 }
    );
  } catch (error) {
    Notification.dismiss(id);
    if (!panel.isDisposed) {
      throw error;
    }
  }
}

/** Start a kernel in the folder of the notebook itself, not of its copy. */
async function startKernel(
  lab: IDebugLab,
  run: RunDocument,
  notebook: string,
  copy: string
): Promise<Kernel.IModel> {
  const { contents, kernels } = lab.documents.services;
  let name = run.environment.kernel;
  if (name === null) {
    const file = await contents.get(copy, { type: 'notebook' });
    const content = file.content as {
      metadata?: { kernelspec?: { name?: string } };
    };
    name = content.metadata?.kernelspec?.name ?? null;
  }
  const source = run.folder && lab.model.labPath(`${run.folder}/${notebook}`);
  // The server takes the path; only its type in Lab does not tell of it.
  const options: Kernel.IKernelOptions & { path: string } = {
    path: source ?? copy,
    ...(name === null ? {} : { name })
  };
  const connection = await kernels.startNew(options);
  const kernel = { id: connection.id, name: connection.name };
  connection.dispose(); // The notebook has one of its own.
  return kernel;
}

/**
 * Run the code cells above one, as the runner does.
 *
 * @param lab - Runs a cell.
 * @param panel - The notebook.
 * @param position - Where to stop; nothing runs if it is negative.
 * @param heeds - Whether tags are heeded.
 * @returns Where a cell failed; null if none did.
 */
async function runBefore(
  lab: IDebugLab,
  panel: NotebookPanel,
  position: number,
  heeds: boolean
): Promise<number | null> {
  const { content, sessionContext } = panel;
  const goesOn = heeds && allowsErrors(content.model?.getMetadata('execution'));
  for (let at = 0; at < position && !panel.isDisposed; at += 1) {
    const cell = content.widgets[at];
    if (cell?.model.type !== 'code' || !cell.model.sharedModel.source.trim()) {
      continue;
    }
    const tags = heeds ? tagsOf(cell.model as ICodeCellModel) : [];
    if (tags.includes('skip-execution')) {
      continue;
    }
    const passed = await lab.runCell(content, cell, sessionContext);
    if (!passed && !goesOn && !tags.includes('raises-exception')) {
      return at;
    }
  }
  return null;
}

/** The tags of a cell, and `raises-exception` if its metadata says as much. */
function tagsOf(model: ICodeCellModel): string[] {
  const tags: unknown = model.getMetadata('tags');
  return [
    ...(Array.isArray(tags) ? tags.map(String) : []),
    ...(allowsErrors(model.getMetadata('execution'))
      ? ['raises-exception']
      : [])
  ];
}

/** Whether metadata of a cell or a notebook says that errors do not matter. */
function allowsErrors(execution: unknown): boolean {
  return (
    (execution as { allow_errors?: unknown } | undefined)?.allow_errors === true
  );
}
