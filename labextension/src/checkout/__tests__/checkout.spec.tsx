import { nullTranslator } from '@jupyterlab/translation';
import { render, screen } from '@testing-library/react';
import React from 'react';

import { inspection } from '../../__tests__/checkouts';
import { DOMAIN } from '../../jupyterlab/commands';
import { reloadClean } from '../documents';
import { InspectionView, losses } from '../inspection';

const trans = nullTranslator.load(DOMAIN);

const AT_RISK = inspection({
  at_risk: true,
  backup: 'system-test.backup-20261120T213341Z',
  changes: [
    { path: 'tap.ipynb', kind: 'modified', size_bytes: 1 },
    { path: 'portal.ipynb', kind: 'modified', size_bytes: 1 },
    { path: 'my <b>notes.txt', kind: 'added', size_bytes: 1 }
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
    expect(losses(AT_RISK, ['tap.ipynb'], trans)).toEqual([
      { term: 'modified', text: 'tap.ipynb, portal.ipynb' },
      { term: 'new', text: 'my <b>notes.txt' },
      { term: 'ignored', text: '2 files (2 kB)' },
      { term: 'more', text: '3 more changes' },
      { term: 'commits', text: 'a2c8fd8 Fix timeouts' },
      { term: 'branches', text: 'fix-timeouts' },
      { term: 'stashes', text: '1 stash' },
      { term: 'work trees', text: '/home/ada/fix' },
      { term: 'unsaved', text: 'tap.ipynb' },
      { term: 'kernels', text: 'tap.ipynb' },
      { term: 'at work there', text: 'kernel (42)' }
    ]);
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
      'All of it moves to a backup such as system-test.backup-20261120T213341Z (4.1 MB; 62 GB free). You can restore it from the panel.'
    );
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
      /Upstream is at abcdef1; 62 GB free/
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
