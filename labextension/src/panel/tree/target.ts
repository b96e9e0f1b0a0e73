import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import type { IHealthModel } from '../../model/tokens';
import type { ICellNode, ITreeNode } from './tree';

/**
 * The arguments of "open at cell" for a node; null if there is nothing to open.
 *
 * @param node - A cell, or a notebook: then its first bad cell.
 * @param model - Knows the folders.
 */
export function cellArgs(
  node: ITreeNode,
  model: IHealthModel
): ReadonlyPartialJSONObject | null {
  if (node.kind !== 'notebook' && node.kind !== 'cell') {
    return null;
  }
  const repository = model.selected;
  const folder = node.run?.folder ?? (repository && model.folder(repository));
  const path = folder && model.labPath(`${folder}/${node.path}`);
  if (!path) {
    return null;
  }
  if (node.kind === 'notebook') {
    return { path };
  }
  const { id, index } = node.cell;
  return id === null ? { path, index } : { path, index, cellId: id };
}

/** The arguments of the commands on what a run has executed, for a cell. */
export function runCellArgs(node: ICellNode): ReadonlyPartialJSONObject {
  const { id, index } = node.cell;
  const args = { run: node.run.run_id, notebook: node.path, index };
  return id === null ? args : { ...args, cellId: id };
}
