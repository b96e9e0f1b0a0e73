import { YCodeCell } from '@jupyter/ydoc';
import type { INotebookModel } from '@jupyterlab/notebook';
import { NotebookModel } from '@jupyterlab/notebook';

import type { CleanPolicy } from '../../api/generated/api';
import type { IUndone, SharedCodeCell } from '../changes';
import { sameChanges } from '../changes';
import type { IStripResult } from '../policy';
import { planStrip, stripNotebook } from '../policy';
import { codeCell, codeCellAt, notebookFile } from './opennotebooks';

const POLICY: CleanPolicy = {
  keep_output_tags: ['keep_output'],
  keep_output_max_bytes: 1000,
  drop_cell_metadata: ['execution', 'collapsed', 'vscode'],
  drop_notebook_metadata: ['widgets'],
  strip_language_version: true
};

const RESULT = {
  output_type: 'execute_result',
  execution_count: 7,
  data: { 'text/plain': '42' },
  metadata: {}
};

const NEWER = { output_type: 'stream', name: 'stdout', text: 'newer' };

const PYTHON = { name: 'python', version: '3.13.0', file_extension: '.py' };

const models: INotebookModel[] = [];

/** A notebook as JupyterLab opens it. */
function open(cells: object[], metadata: object = {}): INotebookModel {
  const model = new NotebookModel();
  model.fromJSON(notebookFile(cells, metadata) as never);
  models.push(model);
  return model;
}

function strip({ sharedModel }: INotebookModel): IStripResult {
  return stripNotebook(sharedModel, planStrip(sharedModel, POLICY));
}

function cells(model: INotebookModel): object[] {
  return model.sharedModel.toJSON().cells;
}

const counts = (fields: Partial<IUndone>): IUndone => ({
  restored: 0,
  rerun: 0,
  gone: 0,
  changed: 0,
  lost: 0,
  ...fields
});

// Yjs warns of how the document is built, which is not what is tested here.
beforeAll(() => {
  jest.spyOn(console, 'warn').mockImplementation(() => undefined);
});

afterEach(() => {
  models.splice(0).forEach(model => {
    model.dispose();
  });
});

describe('undo', () => {
  it('puts all back where nothing was done since', () => {
    const model = open(
      [
        codeCell({ id: 'a', metadata: { execution: { x: '1' }, vscode: 1 } }),
        codeCell({ id: 'b', outputs: [RESULT], metadata: { collapsed: true } }),
        codeCell({
          id: 'c',
          outputs: [RESULT],
          metadata: { tags: ['keep_output'] }
        }),
        { cell_type: 'markdown', id: 'd', source: '', metadata: { vscode: 1 } }
      ],
      { language_info: PYTHON, widgets: { state: {} } }
    );
    const before = model.toJSON();
    const { undo } = strip(model);
    expect(model.toJSON()).not.toEqual(before);
    expect(undo()).toEqual(counts({ restored: 8 }));
    expect(model.toJSON()).toEqual(before);
    // Once more changes nothing.
    expect(undo()).toEqual(counts({ restored: 8 }));
    expect(model.toJSON()).toEqual(before);
  });

  it.each<[string, (cell: SharedCodeCell) => void]>([
    [
      'has new outputs',
      cell => {
        cell.setOutputs([NEWER]);
        cell.execution_count = 8;
        cell.setMetadata('execution', { x: '2' });
      }
    ],
    [
      'printed nothing',
      cell => {
        cell.execution_count = 8;
      }
    ],
    [
      'is still being run',
      cell => {
        cell.executionState = 'running';
      }
    ],
    [
      'counts as before, with another result',
      cell => {
        cell.setOutputs([{ ...RESULT, data: { 'text/plain': '43' } }]);
        cell.execution_count = 7;
      }
    ]
  ])('leaves alone a cell that was run again and %s', (_, run) => {
    const model = open([
      codeCell({
        id: 'a',
        outputs: [RESULT],
        execution_count: 7,
        metadata: { execution: { x: '1' }, vscode: 1 }
      }),
      codeCell({ id: 'b' })
    ]);
    const [, other] = cells(model);
    const { undo } = strip(model);
    run(codeCellAt(model, 0));
    const [newer] = cells(model);
    // What does not tell of the run comes back.
    expect(undo()).toEqual(counts({ restored: 2, rerun: 1 }));
    expect(cells(model)).toEqual([
      { ...newer, metadata: { ...codeCellAt(model, 0).metadata, vscode: 1 } },
      other
    ]);
    expect(codeCellAt(model, 0).metadata).not.toMatchObject({
      execution: { x: '1' }
    });
  });

  it.each<[string, object[], IUndone]>([
    ['run again', [NEWER], counts({ rerun: 1 })],
    ['emptied', [], counts({ changed: 1 })]
  ])('leaves alone tagged outputs that were %s', (_, outputs, undone) => {
    const metadata = { tags: ['keep_output'] };
    const model = open([
      codeCell({ outputs: [RESULT], execution_count: null, metadata })
    ]);
    const { undo } = strip(model);
    codeCellAt(model, 0).setOutputs(outputs as never);
    expect(undo()).toEqual(undone);
    expect(codeCellAt(model, 0).getOutputs()).toEqual(outputs);
  });

  it('leaves metadata alone that is newer', () => {
    const model = open(
      [codeCell({ id: 'a', metadata: { vscode: 1, collapsed: true } })],
      { language_info: PYTHON, widgets: { state: { old: 1 } } }
    );
    const { undo } = strip(model);
    const [cell] = model.sharedModel.cells;
    cell?.setMetadata('vscode', 2);
    cell?.setMetadata('collapsed', false);
    const julia = { name: 'julia', version: '1.11' };
    model.sharedModel.setMetadata('language_info', julia);
    model.sharedModel.setMetadata('widgets', { state: { newer: 1 } });
    expect(undo()).toEqual(counts({ restored: 1, changed: 4 }));
    expect(cell?.getMetadata()).toMatchObject({ vscode: 2, collapsed: false });
    expect(model.sharedModel.metadata).toMatchObject({
      language_info: julia,
      widgets: { state: { newer: 1 } }
    });
  });

  it('does not mix the version of one language into another', () => {
    const model = open([], { language_info: PYTHON });
    const { undo } = strip(model);
    model.sharedModel.setMetadata('language_info', { name: 'julia' });
    expect(undo()).toEqual(counts({ changed: 1 }));
    expect(model.sharedModel.getMetadata('language_info')).toEqual({
      name: 'julia'
    });
  });

  it('keeps what was written beside the field that comes back', () => {
    const model = open([codeCell({ metadata: { jupyter: {} } })]);
    const cell = codeCellAt(model, 0);
    if (!(cell instanceof YCodeCell)) {
      throw new Error('It is not the cell of a shared document.');
    }
    // As a collaborator's server builds the document.
    const shared = cell.ymodel.get('metadata') as Map<string, unknown>;
    shared.set('jupyter', { outputs_hidden: true });
    const { undo } = strip(model);
    cell.setMetadata('jupyter', { source_hidden: true });
    expect(undo()).toEqual(counts({ restored: 2 }));
    expect(cell.getMetadata('jupyter')).toEqual({
      outputs_hidden: true,
      source_hidden: true
    });
  });

  it.each([
    ['with ids', 'a', 'b', 'c'],
    ['without ids', undefined, undefined, undefined]
  ])('finds cells that were moved, %s', (_, ...ids) => {
    const model = open(
      ids.map((id, at) => codeCell({ id, execution_count: at + 1 }))
    );
    const { undo } = strip(model);
    model.sharedModel.insertCell(0, { cell_type: 'code', source: 'new' });
    model.sharedModel.moveCell(1, 3);
    expect(undo()).toEqual(counts({ restored: 3 }));
    expect(
      cells(model).map(
        cell => 'execution_count' in cell && cell.execution_count
      )
    ).toEqual([null, 2, 3, 1]);
  });

  it("adds to Lab's own undo what that does not bring back", () => {
    const cell = codeCell({ id: 'a', metadata: { vscode: 1 } });
    const model = open([cell], { language_info: PYTHON });
    model.sharedModel.clearUndoHistory();
    const before = model.toJSON();
    const { undo } = strip(model);
    model.sharedModel.undo();
    expect(cells(model)).toEqual([cell]);
    expect(undo()).toEqual(counts({ restored: 3 }));
    expect(model.toJSON()).toEqual(before);
  });

  it('counts the cells that are gone, and puts nothing elsewhere', () => {
    const model = open(
      ['a', 'b', 'c'].map(id => codeCell({ id, metadata: { vscode: id } }))
    );
    const [, , last] = cells(model);
    const { undo } = strip(model);
    model.sharedModel.deleteCellRange(0, 2);
    model.sharedModel.insertCell(0, { cell_type: 'code', source: 'new' });
    const [inserted] = cells(model);
    expect(undo()).toEqual(counts({ restored: 2, gone: 2 }));
    expect(cells(model)).toEqual([inserted, last]);
  });

  it('puts no outputs into a cell that is text now', () => {
    const model = open([codeCell({ id: 'a' })]);
    const { undo } = strip(model);
    model.sharedModel.deleteCell(0);
    model.sharedModel.insertCell(0, {
      cell_type: 'markdown',
      id: 'a',
      source: ''
    });
    expect(undo()).toEqual(counts({ changed: 1 }));
  });

  it('finds cells by id after the file was read again', () => {
    const file = (outputs: object[]): object[] => [
      codeCell({ id: 'new', outputs: [] }),
      codeCell({ id: 'a', outputs, execution_count: null })
    ];
    const model = open(file([NEWER]).slice(1));
    const { undo } = strip(model);
    model.fromJSON(notebookFile(file([])) as never);
    expect(undo()).toEqual(counts({ restored: 1 }));
    expect(codeCellAt(model, 0).getOutputs()).toEqual([]);
    expect(codeCellAt(model, 1).getOutputs()).toEqual([NEWER]);
  });

  it('works in the document of a tab that was opened since', () => {
    const cell = codeCell({ id: 'a' });
    const first = open([cell]);
    const { undo } = strip(first);
    const second = open([{ ...cell, outputs: [], execution_count: null }]);
    expect(undo(second.sharedModel)).toEqual(counts({ restored: 1 }));
    expect(codeCellAt(second, 0).getOutputs()).toHaveLength(1);
    expect(codeCellAt(first, 0).getOutputs()).toEqual([]);
  });

  it('does not guess between two cells of one id', () => {
    const model = open([
      codeCell({ id: 'a', execution_count: 1 }),
      codeCell({ id: 'a', execution_count: 2 })
    ]);
    const { undo } = strip(model);
    model.sharedModel.moveCell(0, 1);
    // The one that stayed is itself; the other could be either.
    model.sharedModel.insertCell(0, {
      cell_type: 'code',
      id: 'a',
      source: ''
    });
    expect(undo()).toEqual(counts({ restored: 1, gone: 1 }));
  });
});

describe('sameChanges', () => {
  it.each<[string, (model: INotebookModel) => void, boolean]>([
    ['nothing', () => undefined, true],
    [
      'a source',
      model => {
        codeCellAt(model, 0).setSource('x');
      },
      true
    ],
    [
      'an output as long as the other',
      model => {
        codeCellAt(model, 0).setOutputs([
          { output_type: 'stream', name: 'stdout', text: 'ho' }
        ]);
      },
      false
    ],
    [
      'a run that begins',
      model => {
        codeCellAt(model, 1).execution_count = null;
      },
      false
    ],
    [
      "the notebook's metadata",
      model => {
        model.sharedModel.setMetadata('widgets', {});
      },
      false
    ]
  ])('after a change of %s', (_, change, expected) => {
    const model = open([codeCell({ id: 'a' }), codeCell({ id: 'b' })]);
    const shown = planStrip(model.sharedModel, POLICY);
    change(model);
    const now = planStrip(model.sharedModel, POLICY);
    expect(sameChanges(shown.changes, now.changes)).toBe(expected);
  });
});
