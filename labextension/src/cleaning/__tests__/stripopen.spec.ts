import { platform } from '../../__tests__/platform';
import type { FakeServer } from '../../__tests__/server';
import { refusal } from '../../__tests__/server';
import type { NotebookContext } from './opennotebooks';
import { codeCell, codeCellAt, notebookFile, outputsOf } from './opennotebooks';
import {
  cleanFile,
  dialog,
  file,
  folderAt,
  inTurn,
  notebookAt,
  press,
  report,
  shown,
  start,
  tabs
} from './stripping';

const ONE_CELL = notebookFile([codeCell({ id: 'a' })]);

/** A server that has nothing of its own to strip. */
function onlyTabs(): FakeServer {
  return platform().on('POST clean', report([]));
}

/** Write as a kernel does. */
function print(context: NotebookContext, text: string): void {
  const cell = codeCellAt(context.model, 0);
  const data = { 'text/plain': text };
  const output = { output_type: 'display_data', data, metadata: {} };
  cell.setOutputs([...cell.getOutputs(), output]);
}

describe('open notebooks', () => {
  it('are stripped in their documents', async () => {
    const server = onlyTabs();
    const open = await tabs.open(
      'x.ipynb',
      notebookFile([
        codeCell(),
        codeCell({ metadata: { tags: ['keep_output'] } })
      ])
    );
    const done = start(server, [notebookAt('x.ipynb')]);
    const text = await press('Strip 1 notebook');
    expect(text).toContain('x.ipynb (open)');
    expect(text).toContain('1 output stays');
    expect(text).not.toContain('running');
    await done;
    // Its policy is all that the server was asked for.
    expect(server.bodies).toEqual([]);
    expect(outputsOf(open)).toEqual([0, 1]);
    expect(shown()).toEqual([
      expect.stringMatching(
        /^success: Stripped x\.ipynb: 1 output, 2 execution counts \(.*\)\. Not saved yet\.$/
      )
    ]);
  });

  it('that are clean say so', async () => {
    await tabs.open('x.ipynb', notebookFile([]));
    await start(onlyTabs(), [notebookAt('x.ipynb')]);
    expect(shown()).toEqual(['info: x.ipynb is clean: nothing to strip.']);
  });

  it('of a folder are stripped in their documents, others on disk', async () => {
    const server = platform().on(
      'POST clean',
      inTurn(
        report([file({ path: 'd/y.ipynb' })]),
        report([file({ path: 'd/y.ipynb', state: 'cleaned' })])
      )
    );
    const inside = await tabs.open('d/x.ipynb', ONE_CELL);
    const outside = await tabs.open('d2/x.ipynb', ONE_CELL);
    const done = start(server, [folderAt('d')]);
    await press('Strip 2 notebooks');
    await done;
    expect(server.bodies).toEqual([
      { paths: ['d'], exclude: ['d/x.ipynb'], dry_run: true },
      { paths: ['d'], exclude: ['d/x.ipynb'], fingerprint: 'f1' }
    ]);
    expect([inside, outside].map(outputsOf)).toEqual([[0], [1]]);
    expect(shown()[0]).toContain('1 of them is open, and not saved yet.');
  });

  it('whose file is gone are errors of their own', async () => {
    const server = platform()
      .on('GET clean/policy', refusal(404, 'no_such_file'))
      .on(
        'POST clean',
        inTurn(
          report([file({ path: 'd/y.ipynb' })]),
          report([file({ path: 'd/y.ipynb', state: 'cleaned' })])
        )
      );
    const gone = await tabs.open('d/x.ipynb', ONE_CELL);
    const done = start(server, [folderAt('d')]);
    const text = await press('Strip 1 notebook');
    expect(text).toContain('x.ipynb: its file is gone; save it first');
    await done;
    expect(server.bodies.at(-1)).toMatchObject({ exclude: ['d/x.ipynb'] });
    expect(outputsOf(gone)).toEqual([1]);
    expect(shown()[0]).toMatch(/^success: Stripped y\.ipynb/);
  });

  it('say alone that their file is gone', async () => {
    const server = platform().on(
      'GET clean/policy',
      refusal(404, 'no_such_file')
    );
    await tabs.open('x.ipynb', ONE_CELL);
    await start(server, [notebookAt('x.ipynb')]);
    expect(shown()).toEqual([
      'error: x.ipynb was not stripped: its file is gone; save it first.'
    ]);
  });

  it('say what else the server has against one of them', async () => {
    const server = platform().on(
      'GET clean/policy',
      refusal(422, 'bad_settings')
    );
    await tabs.open('x.ipynb', ONE_CELL);
    await start(server, [notebookAt('x.ipynb')]);
    expect(shown()).toEqual([
      'error: x.ipynb was not stripped: About bad_settings.'
    ]);
  });

  it('do not hide that the server is away', async () => {
    const server = platform();
    server.down = true;
    await tabs.open('x.ipynb', ONE_CELL);
    await expect(start(server, [notebookAt('x.ipynb')])).rejects.toMatchObject({
      code: 'network'
    });
  });

  it('that cannot be loaded are files', async () => {
    const server = platform().on(
      'POST clean',
      report([file({ path: 'x.ipynb', state: 'error', message: 'not JSON' })])
    );
    const opening = tabs.opening('x.ipynb');
    const done = start(server, [notebookAt('x.ipynb')]);
    // As Lab does with a tab that it cannot load.
    opening.dispose();
    await done;
    expect(server.bodies).toEqual([
      { paths: ['x.ipynb'], exclude: [], dry_run: true }
    ]);
    expect(shown()).toEqual(['error: x.ipynb was not stripped: not JSON.']);
  });
});

describe('other drives', () => {
  it('are not taken for the files of this server', async () => {
    const server = platform().on(
      'POST clean',
      inTurn(
        report([file({ path: 'd/x.ipynb' })]),
        report([file({ path: 'd/x.ipynb', state: 'cleaned' })])
      )
    );
    const other = await tabs.open('S3:d/x.ipynb', ONE_CELL);
    const done = start(server, [folderAt('d')]);
    expect(await press('Strip 1 notebook')).not.toContain('(open)');
    await done;
    expect(server.bodies).toEqual([
      { paths: ['d'], exclude: [], dry_run: true },
      { paths: ['d'], exclude: [], fingerprint: 'f1' }
    ]);
    expect(outputsOf(other)).toEqual([1]);
  });

  it('are told, and the rest goes on', async () => {
    const server = platform().on(
      'POST clean',
      inTurn(report([file({})]), report([file({ state: 'cleaned' })]))
    );
    const done = start(server, [
      notebookAt('S3:x.ipynb'),
      notebookAt('a/x.ipynb')
    ]);
    const text = await press('Strip 1 notebook');
    expect(text).toContain(
      'S3:x.ipynb: the drive S3 does not belong to this server'
    );
    await done;
    expect(server.bodies[0]).toMatchObject({ paths: ['a/x.ipynb'] });
  });

  it('are told alone, and the server is not asked', async () => {
    const server = onlyTabs();
    await tabs.open('S3:x.ipynb', ONE_CELL);
    await start(server, [notebookAt('S3:x.ipynb')]);
    expect(server.count('POST clean')).toBe(0);
    expect(shown()).toEqual([
      'error: S3:x.ipynb was not stripped: the drive S3 does not belong to this server.'
    ]);
  });
});

describe('what comes while the user reads', () => {
  it('is listed again before it goes', async () => {
    const open = await tabs.open('x.ipynb', ONE_CELL);
    const done = start(onlyTabs(), [notebookAt('x.ipynb')]);
    await dialog();
    print(open, 'later');
    const first = await press('Strip 1 notebook');
    expect(first).not.toContain('changed while you were reading');
    await dialog();
    expect(outputsOf(open)).toEqual([2]);
    const second = await press('Strip 1 notebook');
    expect(second).toContain('changed while you were reading');
    expect(second).toContain('Removes 2 outputs');
    await done;
    expect(outputsOf(open)).toEqual([0]);
  });

  it('is not taken if the user then says no', async () => {
    const open = await tabs.open('x.ipynb', ONE_CELL);
    const done = start(onlyTabs(), [notebookAt('x.ipynb')]);
    await dialog();
    print(open, 'later');
    await press('Strip 1 notebook');
    await press('Cancel');
    await done;
    expect(outputsOf(open)).toEqual([2]);
    expect(shown()).toEqual([]);
  });

  it('is awaited where cells are running', async () => {
    const open = await tabs.open('x.ipynb', ONE_CELL);
    codeCellAt(open.model, 0).executionState = 'running';
    const done = start(onlyTabs(), [notebookAt('x.ipynb')]);
    expect(await press('Cancel')).toContain('Cells are running.');
    await done;
  });

  it.each<[string, () => Promise<unknown>]>([
    ['opened', () => tabs.open('d/y.ipynb', ONE_CELL)],
    [
      'closed',
      () => {
        tabs.tracker.forEach(({ context }) => {
          context.dispose();
        });
        return Promise.resolve();
      }
    ]
  ])('may be a tab that was %s', async (_, change) => {
    const server = platform().on(
      'POST clean',
      report([cleanFile('d/y.ipynb')])
    );
    await tabs.open('d/x.ipynb', ONE_CELL);
    const done = start(server, [folderAt('d')]);
    await dialog();
    server.on('POST clean', report([file({ path: 'd/z.ipynb' })]));
    await change();
    await press('Strip 1 notebook');
    expect(await press('Cancel')).toContain('changed while you were reading');
    await done;
    expect(
      server.bodies.every(body => (body as { dry_run?: true }).dry_run)
    ).toBe(true);
  });

  it('is listed, too, if it comes while the server strips', async () => {
    const open = await tabs.open('d/x.ipynb', ONE_CELL);
    const quiet = await tabs.open('d/q.ipynb', ONE_CELL);
    const closed = file({ path: 'd/y.ipynb' });
    let turn = 0;
    const server = platform().on('POST clean', () => {
      turn += 1;
      if (turn === 2) {
        print(open, 'later');
        return report([{ ...closed, state: 'cleaned' }]);
      }
      return report(turn < 2 ? [closed] : [cleanFile('d/y.ipynb')]);
    });
    const done = start(server, [folderAt('d')]);
    await press('Strip 3 notebooks');
    await dialog();
    // What was as shown is stripped and told; the rest is asked for again.
    expect([open, quiet].map(outputsOf)).toEqual([[2], [0]]);
    expect(shown()[0]).toMatch(/^success: Stripped 2 notebooks: 4 outputs/);
    const text = await press('Strip 1 notebook');
    expect(text).toContain('changed while you were reading');
    expect(text).toContain('Removes 2 outputs');
    await done;
    expect(outputsOf(open)).toEqual([0]);
    expect(shown()).toHaveLength(2);
  });

  it('is not asked for twice if it went elsewhere', async () => {
    const open = await tabs.open('d/x.ipynb', ONE_CELL);
    const closed = file({ path: 'd/y.ipynb' });
    let turn = 0;
    const server = platform().on('POST clean', () => {
      turn += 1;
      if (turn === 2) {
        // The user cleared the outputs in the tab.
        const cell = codeCellAt(open.model, 0);
        cell.setOutputs([]);
        cell.execution_count = null;
        return report([{ ...closed, state: 'cleaned' }]);
      }
      return report(turn < 2 ? [closed] : [cleanFile('d/y.ipynb')]);
    });
    const done = start(server, [folderAt('d')]);
    await press('Strip 2 notebooks');
    await done;
    expect(shown()).toEqual([
      expect.stringMatching(/^success: Stripped y\.ipynb: 3 outputs/)
    ]);
  });
});
