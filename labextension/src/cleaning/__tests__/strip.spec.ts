import { Notification } from '@jupyterlab/apputils';
import { waitFor } from '@testing-library/react';

import { platform } from '../../__tests__/platform';
import { refusal } from '../../__tests__/server';
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
  start
} from './stripping';

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
    expect(text).toContain(
      'Removes 6 outputs, 4 execution counts, 2 metadata fields'
    );
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
      'success: Stripped 2 notebooks: 6 outputs, 4 execution counts, 2 metadata fields (4.1 kB).'
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
    const done = start(server, [notebookAt('a/x.ipynb')], true);
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
    await start(server, [notebookAt('a/x.ipynb')], true);
    expect(shown()).toEqual([
      'success: Stripped x.ipynb: 3 outputs, 2 execution counts, 1 metadata field (4.1 kB).'
    ]);
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

  it('says that there was nothing to strip', async () => {
    const server = platform().on(
      'POST clean',
      report([cleanFile('a/x.ipynb')])
    );
    await start(server, [notebookAt('a/x.ipynb')]);
    expect(shown()).toEqual(['info: x.ipynb is clean: nothing to strip.']);
    Notification.dismiss();
    await start(server, [folderAt('a')]);
    expect(shown()).toEqual(['info: Nothing to strip: 1 notebook is clean.']);
  });

  it('says so, too, when somebody else was faster', async () => {
    const server = platform().on(
      'POST clean',
      inTurn(
        report([file({})]),
        refusal(409, 'changed'),
        report([cleanFile('a/x.ipynb')])
      )
    );
    const done = start(server, [notebookAt('a/x.ipynb')]);
    await press('Strip 1 notebook');
    await done;
    expect(shown()).toEqual(['info: x.ipynb is clean: nothing to strip.']);
  });
});
