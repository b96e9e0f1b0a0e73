import { nullTranslator } from '@jupyterlab/translation';
import { fireEvent, render, screen } from '@testing-library/react';
import React from 'react';

import { inspection } from '../../__tests__/checkouts';
import type { FileChange } from '../../api/generated/api';
import { DOMAIN } from '../../jupyterlab/commands';
import { reloadClean } from '../documents';
import { inFolders, isFolder } from '../folders';
import { InspectionView } from '../inspection';
import { losses } from '../losses';

const trans = nullTranslator.load(DOMAIN);

function change(
  path: string,
  kind: FileChange['kind'] = 'modified',
  fields: Partial<FileChange> = {}
): FileChange {
  return { path, kind, size_bytes: 1, only_saved: false, ...fields };
}

const AT_RISK = inspection({
  at_risk: true,
  backup: 'system-test.backup-20261120T213341Z',
  changes: [
    change('tap.ipynb', 'modified'),
    change('portal.ipynb', 'modified'),
    change('my <b>notes.txt', 'added')
  ],
  changes_omitted: 3,
  commits: [
    { commit: 'a2c8fd8aaaa', subject: 'Fix timeouts', branch: 'fix-timeouts' }
  ],
  stashes: 1,
  branches: ['fix-timeouts'],
  worktrees: ['/home/ada/fix'],
  kernels: ['tap.ipynb'],
  processes: ['kernel (42)'],
  ignored_files: 2,
  ignored_bytes: 2000
});

describe('the overwrite dialog', () => {
  it('lists exactly what would be replaced', () => {
    const lines = losses(AT_RISK, ['tap.ipynb'], trans);
    const names = lines.map(({ term, text, files = [] }) =>
      [term, text, ...files.map(({ path }) => path)].filter(Boolean)
    );
    expect(names).toEqual([
      ['commits', 'a2c8fd8 Fix timeouts'],
      ['branches', 'fix-timeouts'],
      ['stashes', '1 stash'],
      ['kernels', 'tap.ipynb'],
      ['at work there', 'kernel (42)'],
      ['unsaved', 'tap.ipynb'],
      ['work trees', '/home/ada/fix'],
      ['modified', 'tap.ipynb', 'portal.ipynb'],
      ['new', 'my <b>notes.txt'],
      ['ignored', '2 files (2 kB)'],
      ['more', '3 more changes']
    ]);
  });

  it('tells what was only saved from what was changed', () => {
    const found = inspection({
      at_risk: true,
      changes: [
        change('mine.ipynb'),
        change('opened.ipynb', 'modified', { only_saved: true })
      ]
    });
    expect(
      losses(found, [], trans).map(({ term, files = [] }) => [
        term,
        ...files.map(({ path }) => path)
      ])
    ).toEqual([
      ['modified', 'mine.ipynb'],
      ['only run or saved', 'opened.ipynb']
    ]);
  });

  it('tells folders of which one holds the other in one line', () => {
    const files = Array.from({ length: 9 }, (_, number) =>
      change(`mine/deep/er/${number}.fits`, 'added')
    );
    const [one, ...others] = inFolders(files);
    expect(one).toMatchObject({ path: 'mine/deep/er/', files: 9 });
    expect(one && isFolder(one) && one.entries).toHaveLength(9);
    expect(others).toEqual([]);
  });

  it('puts the files of a full folder on one line, which opens', () => {
    const files = [
      change('a.txt', 'added'),
      ...Array.from({ length: 60 }, (_, number) =>
        change(`mydata/${number}.fits`, 'added', { size_bytes: 1_000_000 })
      ),
      change('few/b.txt', 'added'),
      change('private/', 'added')
    ];
    const entries = inFolders(files);
    expect(
      entries.map(one => (isFolder(one) ? [one.path, one.files] : one.path))
    ).toEqual(['a.txt', 'few/b.txt', ['mydata/', 60], 'private/']);
    const [, , mydata] = entries;
    expect(
      mydata && isFolder(mydata) && mydata.entries.slice(1, 3)
    ).toMatchObject([{ path: 'mydata/1.fits' }, { path: 'mydata/2.fits' }]);
    render(
      <InspectionView
        inspection={inspection({ at_risk: true, changes: files })}
        unsaved={[]}
        changed={false}
        trans={trans}
      />
    );
    const line = screen.getByText('mydata/ (60 files, 60 MB)');
    expect(screen.queryByText(/7\.fits/)).toBeNull();
    fireEvent(line, new MouseEvent('click', { bubbles: true }));
    const box = line.closest('details');
    if (box) {
      box.open = true;
      fireEvent(box, new Event('toggle'));
    }
    screen.getByText('7.fits (1 MB)');
  });

  it('shows how a changed file differs, when it is asked for', async () => {
    const compare = jest.fn((path: string) =>
      Promise.resolve({
        schema: 'rsp-health.difference/1' as const,
        repository: 'system-test',
        path,
        kind: 'notebook' as const,
        text: 'cell 2: changed\n-a\n+b \u202e<b>\n',
        truncated: false
      })
    );
    render(
      <InspectionView
        inspection={AT_RISK}
        unsaved={[]}
        changed={false}
        compare={compare}
        trans={trans}
      />
    );
    expect(compare).not.toHaveBeenCalled();
    const box = screen.getByText('tap.ipynb', { selector: 'summary' })
      .parentElement as HTMLDetailsElement;
    box.open = true;
    fireEvent(box, new Event('toggle'));
    screen.getByText('Comparing…');
    const shown = await screen.findByLabelText('Difference of tap.ipynb');
    expect(shown.textContent).toBe('cell 2: changed\n-a\n+b \\u{202e}<b>\n\n');
    expect(compare.mock.calls).toEqual([['tap.ipynb']]);
  });

  it('judges a repository of the user as what it is', () => {
    render(
      <InspectionView
        inspection={inspection({
          state: 'foreign',
          at_risk: true,
          objects: 2,
          history: { commits: 12, branch: 'ma\u202ein', shallow: true }
        })}
        unsaved={[]}
        changed={false}
        trans={trans}
      />
    );
    screen.getByText(
      /A git repository .* \(12 commits, shallow, branch ma\\u\{202e\}in\)\./
    );
    screen.getByText("2 in git's store that no commit holds");
  });

  it('says where all of it goes, and shows names as text', () => {
    render(
      <InspectionView
        inspection={AT_RISK}
        unsaved={[]}
        changed={false}
        trans={trans}
      />
    );
    screen.getByText(/already holds your work/);
    screen.getByText('my <b>notes.txt');
    screen.getByText(
      'All of it moves to a backup such as system-test.backup-20261120T213341Z (4.1 MB; 62 GB free on this disk). You can restore it from the panel.'
    );
    // Once is enough.
    expect(screen.getAllByText(/free on this disk/)).toHaveLength(1);
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('alerts when the tree changed while it was read', () => {
    render(
      <InspectionView
        inspection={AT_RISK}
        unsaved={['tap.ipynb']}
        changed
        trans={trans}
      />
    );
    expect(screen.getByRole('alert').textContent).toMatch(/changed while/);
    screen.getByText(/they are not in the backup/);
  });

  it.each([
    [
      { state: 'absent' as const, upstream_commit: 'abcdef123' },
      /^Upstream is at abcdef1\. Room for it: 62 GB free on this disk\.$/
    ],
    [
      { commit: 'abcdef123', upstream_commit: 'abcdef123' },
      /up to date with upstream \(abcdef1\)/
    ],
    [
      {
        upstream_error: {
          error: 'offline',
          message: 'No network.',
          hint: 'Wait.'
        }
      },
      /No network\. Wait\./
    ]
  ])('says what %j means', (fields, text) => {
    render(
      <InspectionView
        inspection={inspection(fields)}
        unsaved={[]}
        changed={false}
        trans={trans}
      />
    );
    screen.getByText(text);
  });
});

describe('reloadClean', () => {
  it('reloads what is saved, and leaves what is not', async () => {
    const reverted: string[] = [];
    const document = (name: string, dirty: boolean, fails = false) => ({
      name,
      context: {
        model: { dirty },
        revert: () => {
          reverted.push(name);
          return fails ? Promise.reject(new Error('404')) : Promise.resolve();
        }
      } as unknown as Parameters<typeof reloadClean>[0][number]['context']
    });
    const kept = await reloadClean([
      document('a.ipynb', false),
      document('b.ipynb', true),
      document('gone.ipynb', false, true)
    ]);
    expect(kept).toEqual(['b.ipynb']);
    expect(reverted).toEqual(['a.ipynb', 'gone.ipynb']);
  });
});
