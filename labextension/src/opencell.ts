import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { INotebookTracker, Notebook } from '@jupyterlab/notebook';

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
  const opened = documents.openOrReveal(target.path);
  if (!opened) {
    return; // Lab has told why.
  }
  await opened.context.ready;
  await opened.revealed;
  const panel = tracker.find(candidate => candidate === opened);
  if (!panel) {
    return;
  }
  const notebook = panel.content;
  const position = findCell(notebook, target);
  if (position < 0) {
    return;
  }
  notebook.deselectAll();
  notebook.activeCellIndex = position;
  notebook.activate();
  await notebook.scrollToItem(position, 'smart');
}

/** Where the cell stands now; -1 if it is gone. */
function findCell(notebook: Notebook, target: ICellTarget): number {
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
