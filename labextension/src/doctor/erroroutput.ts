import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';

import type { ErrorOutput } from '../api/generated/api';

type NotebookCell = NotebookPanel['content']['widgets'][number];

/** Characters of an error that are sent: its begin and its end tell most. */
const HEAD = 6_000;
const TAIL = 20_000;
const SOURCE = 8_000;
const MESSAGE = 2_000;

/** A cell of an open notebook. */
export interface ICellPlace {
  panel: NotebookPanel;
  cell: NotebookCell;
}

/** When cells ended, as far as this page saw it, in ms since the epoch. */
export type Ended = WeakMap<object, number>;

/** The cell that an element of the page is in. */
export function placeOf(
  node: Node,
  tracker: INotebookTracker
): ICellPlace | null {
  const panel = tracker.find(one => one.node.contains(node));
  const cell = panel?.content.widgets.find(one => one.node.contains(node));
  return panel && cell ? { panel, cell } : null;
}

/** The active cell of the current notebook. */
export function activePlace(tracker: INotebookTracker): ICellPlace | null {
  const { currentWidget: panel, activeCell: cell } = tracker;
  return panel && cell ? { panel, cell } : null;
}

/** Whether a cell shows an error. */
export function hasError({ cell }: ICellPlace): boolean {
  return errorOf(cell) !== null;
}

/** The error below a cell, as the server explains it; null if there is none. */
export function errorOutput(
  { panel, cell }: ICellPlace,
  ended: Ended
): ErrorOutput | null {
  const found = errorOf(cell);
  if (!found) {
    return null;
  }
  const at = ended.get(cell.model);
  return {
    ename: cut(text(found.ename), 0, MESSAGE),
    evalue: cut(text(found.evalue), 0, MESSAGE),
    traceback: cut(text(found.traceback), HEAD, TAIL),
    source: cut(cell.model.sharedModel.getSource(), SOURCE, 0),
    kernel: panel.sessionContext.session?.kernel?.name ?? null,
    notebook: panel.context.path,
    age_s: at === undefined ? null : Math.max(0, (Date.now() - at) / 1000)
  };
}

function errorOf(cell: NotebookCell): Record<string, unknown> | null {
  const { model } = cell;
  if (model.type !== 'code') {
    return null;
  }
  const outputs = (model.toJSON() as { outputs?: unknown }).outputs;
  const all = Array.isArray(outputs)
    ? (outputs as Record<string, unknown>[])
    : [];
  return all.find(output => output.output_type === 'error') ?? null;
}

function text(value: unknown): string {
  const whole = Array.isArray(value) ? value.join('\n') : value;
  // Colours take more room than words.
  // eslint-disable-next-line no-control-regex -- they are what is taken out
  return typeof whole === 'string' ? whole.replace(/\u001b\[[\d;]*m/g, '') : '';
}

function cut(whole: string, head: number, tail: number): string {
  if (whole.length <= head + tail) {
    return whole;
  }
  const end = tail ? whole.slice(whole.length - tail) : '';
  return head ? `${whole.slice(0, head)}\n${end}` : end;
}
