import type { Cell } from '@jupyterlab/cells';
import type {
  INotebookTracker,
  Notebook,
  NotebookPanel
} from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ISignal } from '@lumino/signaling';

import type { CellResult } from '../api/generated/api';
import { findCell } from '../jupyterlab/opencell';
import type { INotebookOutcome } from '../model/runs';
import { isActive } from '../model/runs';
import type { IHealthModel } from '../model/tokens';
import { isProblem, runLook } from '../states/states';
import { formatMoment } from '../text/format';

/** What a cell that failed looks like. */
const MARK = 'jp-RSPHealth-failedCell';

/** What Lab tells when a cell was executed. */
export type Executed = ISignal<unknown, { notebook: Notebook; cell: Cell }>;

/** What the marks work with. */
export interface IFailedCellOptions {
  tracker: INotebookTracker;
  model: IHealthModel;
  executed: Executed;
  trans: TranslationBundle;
}

/**
 * Marks, in open notebooks, the cell that their last check failed in, until it
 * is executed or checked again.
 */
export class FailedCells {
  constructor(private readonly _options: IFailedCellOptions) {
    const { tracker, model, executed } = _options;
    model.runs.changed.connect(this._markAll, this);
    tracker.widgetAdded.connect(this._onAdded, this);
    executed.connect(this._onExecuted, this);
    this._markAll();
  }

  private _onAdded(_: unknown, panel: NotebookPanel): void {
    void panel.context.ready.then(() => {
      if (!panel.isDisposed) {
        this._mark(panel);
      }
    });
  }

  private _onExecuted(
    _: unknown,
    { notebook, cell }: { notebook: Notebook; cell: Cell }
  ): void {
    if (this._marked.get(notebook)?.cell === cell) {
      this._seen.add(this._marked.get(notebook)?.key ?? '');
      this._unmark(notebook);
    }
  }

  private _markAll(): void {
    this._options.tracker.forEach(panel => {
      this._mark(panel);
    });
  }

  private _mark(panel: NotebookPanel): void {
    const { content } = panel;
    const { trans } = this._options;
    const outcome = this._outcome(panel.context.path);
    const failed = outcome && failedCell(outcome);
    const key =
      outcome && failed ? `${outcome.run.run_id}#${failed.index}` : '';
    if (this._marked.get(content)?.key === key) {
      return;
    }
    this._unmark(content);
    if (!outcome || !failed || this._seen.has(key)) {
      return;
    }
    const target = { index: failed.index, cellId: failed.id ?? undefined };
    const cell = content.widgets[findCell(content, target)];
    if (cell) {
      cell.addClass(MARK);
      cell.node.dataset.rspHealthFailed = trans.__(
        'Check of %1: %2 here',
        formatMoment(outcome.run.started_at),
        runLook(failed.state, trans).word
      );
      this._marked.set(content, { cell, key });
    }
  }

  private _unmark(notebook: Notebook): void {
    const cell = this._marked.get(notebook)?.cell;
    if (cell && !cell.isDisposed) {
      cell.removeClass(MARK);
      delete cell.node.dataset.rspHealthFailed;
    }
    this._marked.delete(notebook);
  }

  /** The newest result of an open notebook, if it is of a checkout. */
  private _outcome(path: string): INotebookOutcome | null {
    const { model } = this._options;
    for (const repository of model.repositories.data?.repositories ?? []) {
      const prefix = `${repository.directory}/`;
      const folder = model.folder(repository);
      if (folder !== null && path.startsWith(prefix)) {
        const outcomes = model.runs.outcomes(folder);
        return outcomes.get(path.slice(prefix.length)) ?? null;
      }
    }
    return null;
  }

  /** The cell that is marked in each open notebook, and by which result. */
  private readonly _marked = new WeakMap<
    Notebook,
    { cell: Cell; key: string }
  >();
  /** The results whose cell was executed since. */
  private readonly _seen = new Set<string>();
}

function failedCell({ result }: INotebookOutcome): CellResult | null {
  return isActive(result.state)
    ? null
    : (result.cells.find(({ state }) => isProblem(state)) ?? null);
}
