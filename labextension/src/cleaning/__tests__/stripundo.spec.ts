import { waitFor } from '@testing-library/react';

import { platform } from '../../__tests__/platform';
import type { FakeServer } from '../../__tests__/server';
import { refusal } from '../../__tests__/server';
import type { NotebookContext } from './opennotebooks';
import { codeCell, codeCellAt, notebookFile, outputsOf } from './opennotebooks';
import {
  file,
  folderAt,
  inTurn,
  notebookAt,
  press,
  pressOnNotice,
  report,
  shown,
  start,
  tabs
} from './stripping';

const IDS = ['a', 'b', 'c'];

const CELLS = IDS.map(id => codeCell({ id }));

/** The same after it was stripped and saved. */
const STRIPPED = IDS.map(id =>
  codeCell({ id, outputs: [], execution_count: null })
);

/** Strip one that is open. */
async function stripOpen(path = 'x.ipynb'): Promise<NotebookContext> {
  const context = await tabs.open(path, notebookFile(CELLS));
  const server = platform().on('POST clean', report([]));
  await start(server, [notebookAt(path)], true);
  expect(outputsOf(context)).toEqual([0, 0, 0]);
  return context;
}

/** A server that strips one notebook. */
function oneClosed(): FakeServer {
  return platform().on(
    'POST clean',
    inTurn(
      report([file({})]),
      report([file({ state: 'cleaned' })], { undo: 'u1' })
    )
  );
}

function runAgain(context: NotebookContext, at: number): void {
  const cell = codeCellAt(context.model, at);
  cell.setOutputs([{ output_type: 'stream', name: 'stdout', text: 'newer' }]);
  cell.execution_count = 9;
}

/** The notices that follow the one of the strip. */
async function notices(count: number): Promise<string[]> {
  const rest = (): string[] =>
    shown().filter(text => !text.startsWith('success: Stripped'));
  await waitFor(() => {
    expect(rest()).toHaveLength(count);
  });
  return rest();
}

describe('undo in a tab', () => {
  it('puts all back', async () => {
    const context = await stripOpen();
    pressOnNotice('Undo');
    expect(outputsOf(context)).toEqual([1, 1, 1]);
    expect(await notices(1)).toEqual([
      'success: Put back: x.ipynb. Not saved yet.'
    ]);
  });

  it('says what it did not put back, and why', async () => {
    const context = await stripOpen();
    const { sharedModel } = context.model;
    sharedModel.deleteCell(0);
    runAgain(context, 0);
    sharedModel.insertCell(0, { cell_type: 'code', source: 'new' });
    pressOnNotice('Undo');
    expect(outputsOf(context)).toEqual([0, 1, 1]);
    expect(sharedModel.toJSON().cells[1]).toMatchObject({
      execution_count: 9,
      outputs: [{ text: 'newer' }]
    });
    expect(await notices(1)).toEqual([
      'warning: x.ipynb was put back, but not all of it: 1 cell was run again since, 1 cell is no longer there.'
    ]);
  });

  it('says that nothing was put back', async () => {
    const context = await stripOpen();
    [0, 1, 2].forEach(at => {
      runAgain(context, at);
    });
    pressOnNotice('Undo');
    expect(await notices(1)).toEqual([
      'warning: x.ipynb was not put back: 3 cells were run again since.'
    ]);
  });

  it('finds the cells after the file was read again', async () => {
    const context = await stripOpen();
    const added = codeCell({ id: 'new', outputs: [] });
    tabs.write('x.ipynb', notebookFile([added, ...STRIPPED]));
    await context.revert();
    pressOnNotice('Undo');
    expect(outputsOf(context)).toEqual([0, 1, 1, 1]);
  });

  it('works in a tab that was closed and opened again', async () => {
    const closed = await stripOpen();
    closed.dispose();
    const again = await tabs.open('x.ipynb', notebookFile(STRIPPED));
    pressOnNotice('Undo');
    expect(outputsOf(again)).toEqual([1, 1, 1]);
  });

  it('asks to open the tab if it is closed', async () => {
    const closed = await stripOpen();
    closed.dispose();
    // Not the one of another drive.
    const other = await tabs.open('S3:x.ipynb', notebookFile(STRIPPED));
    pressOnNotice('Undo');
    expect(await notices(1)).toEqual([
      'warning: x.ipynb was not put back: its tab is closed. Open it, then try again.'
    ]);
    expect(outputsOf(other)).toEqual([0, 0, 0]);
    const again = await tabs.open('x.ipynb', notebookFile(STRIPPED));
    pressOnNotice('Try again');
    expect(outputsOf(again)).toEqual([1, 1, 1]);
  });

  it('names the notebook as it is called now', async () => {
    const context = await stripOpen();
    runAgain(context, 0);
    tabs.rename('x.ipynb', 'y.ipynb');
    expect(context.path).toBe('y.ipynb');
    pressOnNotice('Undo');
    const [warning] = await notices(1);
    expect(warning).toMatch(/^warning: y\.ipynb was put back, but not all/);
  });
});

describe('undo on disk', () => {
  it('reloads a tab that was opened since', async () => {
    const server = oneClosed().on('POST clean/undo', {
      files: [
        { path: 'a/x.ipynb', state: 'restored', message: '' },
        { path: 'b.ipynb', state: 'error', message: 'it was changed since' }
      ]
    });
    await start(server, [notebookAt('a/x.ipynb')], true);
    const opened = await tabs.open('a/x.ipynb', notebookFile(STRIPPED));
    const other = await tabs.open('S3:a/x.ipynb', notebookFile(STRIPPED));
    tabs.write('a/x.ipynb', notebookFile(CELLS));
    tabs.write('S3:a/x.ipynb', notebookFile(CELLS));
    opened.model.dirty = false;
    other.model.dirty = false;
    pressOnNotice('Undo');
    expect(await notices(2)).toEqual([
      'success: Put back: x.ipynb.',
      'warning: b.ipynb was not put back: it was changed since.'
    ]);
    expect(server.bodies.at(-1)).toEqual({ undo: 'u1' });
    expect([opened, other].map(outputsOf)).toEqual([
      [1, 1, 1],
      [0, 0, 0]
    ]);
  });

  it('does not take from the user what is not saved', async () => {
    const server = oneClosed().on('POST clean/undo', {
      files: [{ path: 'a/x.ipynb', state: 'restored', message: '' }]
    });
    await start(server, [notebookAt('a/x.ipynb')], true);
    const opened = await tabs.open('a/x.ipynb', notebookFile(STRIPPED));
    tabs.write('a/x.ipynb', notebookFile(CELLS));
    opened.model.sharedModel.cells[0]?.setSource('mine');
    opened.model.dirty = true;
    pressOnNotice('Undo');
    await notices(1);
    expect(opened.model.sharedModel.cells[0]?.getSource()).toBe('mine');
  });

  it('names three that were not put back, and counts the others', async () => {
    const files = ['a', 'b', 'c', 'd', 'e'].map(path => ({
      path,
      state: 'error',
      message: 'it was changed since'
    }));
    const restored = { path: 'r', state: 'restored', message: '' };
    const server = oneClosed().on('POST clean/undo', {
      files: [restored, restored, restored, ...files]
    });
    await start(server, [notebookAt('a/x.ipynb')], true);
    pressOnNotice('Undo');
    expect(await notices(5)).toEqual([
      'success: Put back: 3 notebooks.',
      'warning: 2 more notebooks were not put back.',
      'warning: a was not put back: it was changed since.',
      'warning: b was not put back: it was changed since.',
      'warning: c was not put back: it was changed since.'
    ]);
  });

  it('says why it did not work', async () => {
    const server = oneClosed().on(
      'POST clean/undo',
      refusal(404, 'no_such_undo')
    );
    await start(server, [notebookAt('a/x.ipynb')], true);
    pressOnNotice('Undo');
    expect(await notices(1)).toEqual(['error: About no_such_undo. Do this.']);
  });

  it('tells of files and tabs as one', async () => {
    const server = platform()
      .on(
        'POST clean',
        inTurn(
          report([file({ path: 'd/y.ipynb' })]),
          report([file({ path: 'd/y.ipynb', state: 'cleaned' })], {
            undo: 'u1'
          })
        )
      )
      .on('POST clean/undo', {
        files: [{ path: 'd/y.ipynb', state: 'restored', message: '' }]
      });
    await tabs.open('d/x.ipynb', notebookFile(CELLS));
    const done = start(server, [folderAt('d')]);
    await press('Strip 2 notebooks');
    await done;
    pressOnNotice('Undo');
    expect(await notices(1)).toEqual([
      'success: Put back: 2 notebooks. 1 of them is open, and not saved yet.'
    ]);
  });
});
