import { YNotebook } from '@jupyter/ydoc';
import { Notification } from '@jupyterlab/apputils';
import type { INotebookTracker } from '@jupyterlab/notebook';
import { act, waitFor } from '@testing-library/react';

import { strip } from '../cleaning/strip';
import type { ITarget } from '../filebrowser';
import { HealthModel } from '../model';
import type { Answer, FakeServer } from './support';
import { platform, refusal, settle, trans } from './support';

const POLICY = {
  keep_output_tags: ['keep_output'],
  keep_output_max_bytes: 1000,
  drop_cell_metadata: [],
  drop_notebook_metadata: [],
  drop_language_version: true
};

const STREAM = { output_type: 'stream', name: 'stdout', text: 'hi' };

function file(fields: object): object {
  return {
    path: 'a/x.ipynb',
    state: 'dirty',
    outputs: 3,
    execution_counts: 2,
    metadata: 1,
    removed_bytes: 4100,
    kept_outputs: 0,
    oversized: 0,
    read_only: false,
    message: '',
    ...fields
  };
}

function cleanFile(path: string): object {
  const none = { outputs: 0, execution_counts: 0, metadata: 0 };
  return file({ path, state: 'clean', ...none, removed_bytes: 0 });
}

function report(files: object[], more: object = {}): Answer {
  const fields = { policy: POLICY, fingerprint: 'f1', undo: null };
  return { ...fields, files, ...more };
}

/** A route that answers one after the other, the last for ever. */
function inTurn(...answers: Answer[]): () => Answer {
  let turn = 0;
  return () => answers[Math.min(turn++, answers.length - 1)] ?? {};
}

interface IOpen {
  notebook: YNotebook;
  context: { model: { dirty: boolean }; revert: jest.Mock };
}

function openNotebook(cells: object[] = [{}]): IOpen {
  const notebook = YNotebook.create();
  for (const fields of cells) {
    notebook.addCell({
      cell_type: 'code',
      execution_count: 1,
      outputs: [STREAM],
      ...fields
    });
  }
  const revert = jest.fn(() => Promise.resolve());
  return { notebook, context: { model: { dirty: false }, revert } };
}

function trackerWith(open: Record<string, IOpen>): INotebookTracker {
  const panels = Object.entries(open).map(
    ([localPath, { notebook, context }]) => ({
      context: Object.assign(context, {
        isDisposed: false,
        localPath,
        ready: Promise.resolve(),
        model: Object.assign(context.model, { sharedModel: notebook })
      })
    })
  );
  type Panel = (typeof panels)[number];
  return {
    forEach: (visit: (one: Panel) => void) => {
      panels.forEach(visit);
    },
    find: (test: (one: Panel) => boolean) => panels.find(test)
  } as unknown as INotebookTracker;
}

function outputsOf({ notebook }: IOpen): number[] {
  return notebook
    .toJSON()
    .cells.map(cell => (cell.outputs as unknown[]).length);
}

function shown(): string[] {
  return Notification.manager.notifications
    .map(({ type, message }) => `${type}: ${message}`)
    .sort();
}

function pressUndo(): void {
  Notification.manager.notifications[0]?.options.actions?.[0]?.callback(
    new MouseEvent('click')
  );
}

const notebookAt = (path: string): ITarget => ({ path, isFolder: false });
const folderAt = (path: string): ITarget => ({ path, isFolder: true });

let model: HealthModel;

function start(
  server: FakeServer,
  targets: ITarget[],
  more: { tracker?: INotebookTracker; skipPreview?: boolean } = {}
): Promise<void> {
  model = new HealthModel({ serverSettings: server.settings });
  return strip(targets, { model, tracker: null, trans, ...more });
}

/** The dialog that is open. */
async function dialog(): Promise<HTMLElement> {
  return waitFor(() => {
    const found = document.querySelector<HTMLElement>('.jp-Dialog');
    if (!found?.querySelector('table')) {
      throw new Error('There is no preview.');
    }
    return found;
  });
}

/** Press a button of the dialog; return what the dialog said. */
async function press(label: string): Promise<string> {
  const open = await dialog();
  const text = open.textContent;
  const button = [...open.querySelectorAll('button')].find(
    candidate => candidate.textContent === label
  );
  if (!button) {
    throw new Error(`${label} is not among: ${text}`);
  }
  act(() => {
    button.click();
  });
  await waitFor(() => {
    expect(open.isConnected).toBe(false);
  });
  return text;
}

// Yjs warns of how the document is built, which is not what is tested here.
beforeAll(() => {
  jest.spyOn(console, 'warn').mockImplementation(() => undefined);
});

beforeEach(() => {
  Notification.dismiss();
});

afterEach(() => {
  model.dispose();
});

describe('strip', () => {
  it('shows what goes from a folder, worst first, and strips it', async () => {
    const server = platform().on(
      'POST clean',
      inTurn(
        report([
          file({ path: 'd/small.ipynb', removed_bytes: 10, kept_outputs: 1 }),
          file({ path: 'd/sub/big.ipynb', removed_bytes: 9_000_000 }),
          cleanFile('d/clean.ipynb'),
          file({ path: 'd/bad.ipynb', state: 'error', message: 'not JSON' }),
          file({ path: 'd/ro.ipynb', read_only: true, oversized: 1 })
        ]),
        report([
          file({ path: 'd/small.ipynb', state: 'cleaned', removed_bytes: 10 }),
          file({ path: 'd/sub/big.ipynb', state: 'cleaned' }),
          file({ path: 'd/bad.ipynb', state: 'error', message: 'not JSON' }),
          file({ path: 'd/new.ipynb', state: 'error', message: 'disk full' })
        ])
      )
    );
    const done = start(server, [folderAt('d')]);
    const open = await dialog();
    expect(
      [...open.querySelectorAll('tbody tr')].map(row =>
        [...row.children].map(cell => cell.textContent)
      )
    ).toEqual([
      ['sub/big.ipynb', '3', '2', '1', '9 MB'],
      ['small.ipynb', '3', '2', '1', '10 B']
    ]);
    await waitFor(() => {
      expect(document.activeElement?.textContent).toBe('Cancel');
    });
    const text = await press('Strip 2 notebooks');
    expect(text).toContain('Strip outputs in d');
    expect(text).toContain('Removes 6 outputs, 4 counts, 2 metadata fields');
    expect(text).toContain('bad.ipynb: not JSON');
    expect(text).toContain('ro.ipynb: the file is read-only');
    expect(text).toContain('1 output stays, because its cell is tagged.');
    expect(text).toContain('1 notebook is clean already.');
    await done;
    expect(server.bodies).toEqual([
      { paths: ['d'], exclude: [], dry_run: true },
      { paths: ['d'], exclude: [], fingerprint: 'f1' }
    ]);
    // What the preview said is not said again.
    expect(shown()).toEqual([
      'error: d/new.ipynb was not stripped: disk full.',
      'success: Stripped 2 notebooks: 6 outputs, 4 counts, 2 metadata fields (4.1 kB).'
    ]);
  });

  it('does nothing when the user says no', async () => {
    const server = platform().on('POST clean', report([file({})]));
    const done = start(server, [notebookAt('a/x.ipynb')]);
    await press('Cancel');
    await done;
    expect(server.count('POST clean')).toBe(1);
    expect(shown()).toEqual([]);
  });

  it('strips an open one in its document, and puts it back', async () => {
    const server = platform().on('POST clean', report([]));
    const open = openNotebook([{}, { metadata: { tags: ['keep_output'] } }]);
    const tracker = trackerWith({ 'x.ipynb': open });
    const done = start(server, [notebookAt('x.ipynb')], { tracker });
    expect(outputsOf(open)).toEqual([1, 1]);
    const text = await press('Strip 1 notebook');
    expect(text).toContain('x.ipynb (open)');
    expect(text).toContain('1 output stays');
    await done;
    expect(server.bodies).toEqual([{ paths: ['x.ipynb'], dry_run: true }]);
    expect(outputsOf(open)).toEqual([0, 1]);
    expect(shown()[0]).toMatch(
      /^success: Stripped x\.ipynb: 1 output, 2 counts \(.*\)\. Not saved yet\.$/
    );
    pressUndo();
    expect(outputsOf(open)).toEqual([1, 1]);
  });

  it('says that a tab was closed since, and cannot be put back', async () => {
    const server = platform().on('POST clean', report([]));
    const open = openNotebook();
    const tracker = trackerWith({ 'x.ipynb': open });
    const more = { tracker, skipPreview: true };
    await start(server, [notebookAt('x.ipynb')], more);
    Object.assign(open.context, { isDisposed: true });
    pressUndo();
    expect(outputsOf(open)).toEqual([0]);
    expect(shown()).toContain(
      'warning: x.ipynb was not put back: its tab, which had the outputs, is closed.'
    );
  });

  it('strips the open ones of a folder in their documents', async () => {
    const server = platform().on(
      'POST clean',
      inTurn(
        report([]),
        report([file({ path: 'd/y.ipynb' })]),
        report([file({ path: 'd/y.ipynb', state: 'cleaned' })])
      )
    );
    const inside = openNotebook();
    const outside = openNotebook();
    const tracker = trackerWith({
      'd/x.ipynb': inside,
      'd2/x.ipynb': outside
    });
    const done = start(server, [folderAt('d')], { tracker });
    await press('Strip 2 notebooks');
    await done;
    expect(server.bodies.slice(1)).toEqual([
      { paths: ['d'], exclude: ['d/x.ipynb'], dry_run: true },
      { paths: ['d'], exclude: ['d/x.ipynb'], fingerprint: 'f1' }
    ]);
    expect(outputsOf(inside)).toEqual([0]);
    expect(outputsOf(outside)).toEqual([1]);
    expect(shown()[0]).toContain('1 of them is open, and not saved yet.');
  });

  it('asks again when files changed meanwhile', async () => {
    const server = platform().on(
      'POST clean',
      inTurn(
        report([file({})]),
        refusal(409, 'changed'),
        report([file({ outputs: 4 })], { fingerprint: 'f2' }),
        report([file({ state: 'cleaned', outputs: 4 })])
      )
    );
    const done = start(server, [notebookAt('a/x.ipynb')], {
      skipPreview: true
    });
    const text = await press('Strip 1 notebook');
    expect(text).toContain('The notebooks changed while you were reading.');
    await done;
    expect(server.bodies.at(-1)).toMatchObject({ fingerprint: 'f2' });
    expect(shown()[0]).toContain('4 outputs');
  });

  it('strips a single one without a question if the user wants so', async () => {
    const server = platform().on(
      'POST clean',
      inTurn(report([file({})]), report([file({ state: 'cleaned' })]))
    );
    await start(server, [notebookAt('a/x.ipynb')], { skipPreview: true });
    expect(shown()).toEqual([
      'success: Stripped x.ipynb: 3 outputs, 2 counts, 1 metadata field (4.1 kB).'
    ]);
  });

  it('says that there was nothing to strip', async () => {
    const server = platform().on('POST clean', report([]));
    const tracker = trackerWith({ 'x.ipynb': openNotebook([]) });
    await start(server, [notebookAt('x.ipynb')], { tracker });
    expect(shown()).toEqual(['info: x.ipynb is clean: nothing to strip.']);
    model.dispose();
    Notification.dismiss();
    server.on('POST clean', report([cleanFile('a/x.ipynb')]));
    await start(server, [folderAt('a')]);
    expect(shown()).toEqual(['info: Nothing to strip: 1 notebook is clean.']);
  });

  it('tells of what cannot be stripped when nothing else can', async () => {
    const bad = (path: string): object =>
      file({ path, state: 'error', message: 'not JSON' });
    const server = platform().on(
      'POST clean',
      report(['a', 'b', 'c', 'd', 'e'].map(bad))
    );
    await start(server, [folderAt('')]);
    expect(shown()).toEqual([
      'error: 2 more notebooks were not stripped.',
      'error: a was not stripped: not JSON.',
      'error: b was not stripped: not JSON.',
      'error: c was not stripped: not JSON.'
    ]);
  });

  it('puts closed ones back, and reloads those opened since', async () => {
    const server = platform()
      .on(
        'POST clean',
        inTurn(
          report([file({})]),
          report([file({ state: 'cleaned' })], { undo: 'u1' })
        )
      )
      .on('POST clean/undo', {
        files: [
          { path: 'a/x.ipynb', state: 'restored', message: '' },
          { path: 'b.ipynb', state: 'error', message: 'it was changed since' }
        ]
      });
    // Both are opened after they were stripped; one is edited.
    const open = openNotebook();
    const opened: Record<string, IOpen> = {};
    const tracker = {
      forEach: () => undefined,
      find: (test: never) => trackerWith(opened).find(test)
    } as unknown as INotebookTracker;
    await start(server, [notebookAt('a/x.ipynb')], {
      tracker,
      skipPreview: true
    });
    opened['a/x.ipynb'] = open;
    pressUndo();
    await settle();
    expect(server.bodies.at(-1)).toEqual({ undo: 'u1' });
    expect(open.context.revert).toHaveBeenCalledTimes(1);
    expect(shown()).toEqual(
      expect.arrayContaining([
        'success: Put back: x.ipynb.',
        'warning: b.ipynb was not put back: it was changed since.'
      ])
    );
  });

  it('says why Undo did not work', async () => {
    const server = platform()
      .on(
        'POST clean',
        inTurn(
          report([file({})]),
          report([file({ state: 'cleaned' })], { undo: 'u1' })
        )
      )
      .on('POST clean/undo', refusal(404, 'no_such_undo'));
    await start(server, [notebookAt('a/x.ipynb')], { skipPreview: true });
    pressUndo();
    await settle();
    expect(shown()).toContain('error: About no_such_undo. Do this.');
  });
});
