import type { Cell } from '@jupyterlab/cells';
import type { INotebookTracker, Notebook } from '@jupyterlab/notebook';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

import { repository } from '../../__tests__/checkouts';
import { FOLDER, cell, notebook, run } from '../../__tests__/runs';
import { trans } from '../../__tests__/strings';
import type { INotebookOutcome } from '../../model/runs';
import type { IHealthModel } from '../../model/tokens';
import { FailedCells } from '../failedcells';

const MARK = 'jp-RSPHealth-failedCell';

/** An open notebook of three cells, the model, and the marks on it. */
class Lab {
  constructor(path = 'notebooks/rsp-health/system-test/tap.ipynb') {
    const tracker = {
      forEach: (visit: (panel: unknown) => void) => {
        visit({ context: { path }, content: this.notebook });
      },
      widgetAdded: new Signal<object, unknown>({})
    };
    const model = {
      repositories: { data: { repositories: [repository()] } },
      folder: () => FOLDER,
      runs: { changed: this._changed, outcomes: () => this.outcomes }
    };
    new FailedCells({
      tracker: tracker as unknown as INotebookTracker,
      model: model as unknown as IHealthModel,
      executed: this._executed,
      trans
    });
  }

  readonly cells = ['a', 'b', 'c'].map(() => new Widget());

  readonly notebook = {
    widgets: this.cells,
    model: { cells: ['a', 'b', 'c'].map(id => ({ id, type: 'code' })) }
  };

  outcomes = new Map<string, INotebookOutcome>();

  /** Let a check end. */
  check(runId: string, ...states: ('passed' | 'failed')[]): void {
    const cells = states.map((state, at) =>
      cell({ index: at + 1, id: 'abc'[at] ?? null, state })
    );
    const state = states.includes('failed') ? 'failed' : 'passed';
    this.outcomes = new Map([
      [
        'tap.ipynb',
        { run: run({ run_id: runId }), result: notebook({ state, cells }) }
      ]
    ]);
    this._changed.emit(undefined);
  }

  execute(at: number): void {
    this._executed.emit({
      notebook: this.notebook as unknown as Notebook,
      cell: this.cells[at] as unknown as Cell
    });
  }

  get marked(): number[] {
    return this.cells.flatMap((one, at) => (one.hasClass(MARK) ? [at] : []));
  }

  private readonly _changed = new Signal<object, unknown>({});
  private readonly _executed = new Signal<
    object,
    { notebook: Notebook; cell: Cell }
  >({});
}

describe('the mark on a failed cell', () => {
  it('stays until the cell is executed, and comes with the next failure', () => {
    const lab = new Lab();
    expect(lab.marked).toEqual([]);
    lab.check('run-1', 'passed', 'failed');
    expect(lab.marked).toEqual([1]);
    expect(lab.cells[1]?.node.dataset.rspHealthFailed).toMatch(
      /^Check of .*: failed here$/
    );
    lab.execute(0);
    expect(lab.marked).toEqual([1]);
    lab.execute(1);
    expect(lab.marked).toEqual([]);
    // The same result again tells nothing new.
    lab.check('run-1', 'passed', 'failed');
    expect(lab.marked).toEqual([]);
    lab.check('run-2', 'failed');
    expect(lab.marked).toEqual([0]);
    lab.check('run-3', 'passed', 'passed');
    expect(lab.marked).toEqual([]);
  });

  it('is not for notebooks elsewhere', () => {
    const lab = new Lab('mine/tap.ipynb');
    lab.check('run-1', 'failed');
    expect(lab.marked).toEqual([]);
  });
});
