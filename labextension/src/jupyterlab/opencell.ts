import type { IDocumentManager } from '@jupyterlab/docmanager';
import type {
  INotebookTracker,
  Notebook,
  NotebookPanel
} from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';

/** A cell of a notebook. */
export interface ICellTarget {
  /** The notebook, relative to Lab's root. */
  path: string;
  /** The cell's id, if it has one. */
  cellId?: string | undefined;
  /** Its number among the code cells, from 1. */
  index?: number | undefined;
}

/**
 * Open a notebook, make a cell the active one and bring it into view.
 *
 * @param documents - Lab's document manager.
 * @param tracker - Lab's notebooks.
 * @param target - The cell.
 */
export async function openAtCell(
  documents: IDocumentManager,
  tracker: INotebookTracker,
  target: ICellTarget
): Promise<void> {
  const panel = await openPanel(documents, tracker, target.path);
  if (panel) {
    await showCell(panel.content, findCell(panel.content, target));
  }
}

/**
 * Open a notebook, or bring it to the front.
 *
 * @param documents - Lab's document manager.
 * @param tracker - Lab's notebooks.
 * @param path - The notebook, relative to Lab's root.
 * @param kernel - The kernel that it shall have, if it is not open yet.
 * @returns Null if Lab could not open it as a notebook; it has told why.
 */
export async function openPanel(
  documents: IDocumentManager,
  tracker: INotebookTracker,
  path: string,
  kernel?: Kernel.IModel
): Promise<NotebookPanel | null> {
  const opened = documents.openOrReveal(path, undefined, kernel);
  if (!opened) {
    return null;
  }
  await opened.context.ready;
  await opened.revealed;
  return tracker.find(candidate => candidate === opened) ?? null;
}

/**
 * Make a cell the active one and bring it into view.
 *
 * @param notebook - The notebook.
 * @param position - Where the cell stands; nothing happens if it is negative.
 */
export async function showCell(
  notebook: Notebook,
  position: number
): Promise<void> {
  if (position < 0) {
    return;
  }
  notebook.deselectAll();
  notebook.activeCellIndex = position;
  notebook.activate();
  await notebook.scrollToItem(position, 'smart');
}

/** Where the cell stands now; -1 if it is gone. */
export function findCell(
  notebook: Notebook,
  target: Omit<ICellTarget, 'path'>
): number {
  const cells = [...(notebook.model?.cells ?? [])];
  const byId = cells.findIndex(cell => cell.id === target.cellId);
  if (byId >= 0 || target.index === undefined) {
    return byId;
  }
  let code = 0;
  return cells.findIndex(cell => {
    code += cell.type === 'code' ? 1 : 0;
    return cell.type === 'code' && code === target.index;
  });
}
