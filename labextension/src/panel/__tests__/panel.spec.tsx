import { act, fireEvent, screen, waitFor } from '@testing-library/react';

import { repository } from '../../__tests__/checkouts';
import { platform } from '../../__tests__/platform';
import { settle } from '../../__tests__/server';
import { service, status } from '../../__tests__/services';
import { CommandIDs } from '../../jupyterlab/commands';
import type { ServiceState } from '../../states/states';
import { open, section, withFailure } from './openpanel';

describe('sections', () => {
  it('fold away, and say the most important all the same', async () => {
    await open(platform());
    const title = screen.getByRole('button', { name: 'Services 1 up' });
    fireEvent.click(title);
    expect(title.getAttribute('aria-expanded')).toBe('false');
    expect(screen.queryByRole('button', { name: '1 service up' })).toBeNull();
  });
});

describe('the button that probes', () => {
  it('is heard while the services are read', async () => {
    const { model, executed } = await open(platform());
    let answer = (): void => undefined;
    const answered = new Promise<void>(resolve => {
      answer = resolve;
    });
    const reading = model.status.loadFrom(async () => {
      await answered;
      return status([]);
    });
    await act(async () => Promise.resolve());
    expect(model.status.loading).toBe(true);
    await act(async () => {
      fireEvent.click(
        screen.getByRole('button', { name: 'Probe the services now' })
      );
      await settle();
    });
    expect(executed.map(([id]) => id)).toEqual([CommandIDs.refresh]);
    await act(async () => {
      answer();
      await reading;
    });
  });
});

describe('the first hint', () => {
  it('stands there until it was read', async () => {
    await open(platform());
    const got = screen.getByRole('button', { name: 'Got it: hide this hint' });
    expect(screen.getByRole('note').textContent).toMatch(/^The first line/);
    fireEvent.click(got);
    expect(screen.queryByRole('note')).toBeNull();
  });

  it('is not for who has run something', async () => {
    await open(withFailure());
    expect(screen.queryByRole('note')).toBeNull();
  });
});

describe('the live region', () => {
  it('tells what changed, in few words', async () => {
    const states = (state: ServiceState, ids: string[]): object =>
      status(ids.map(id => service({ id, title: id.toUpperCase(), state })));
    const server = platform().on('GET services', states('up', ['a', 'b', 'c']));
    const { model } = await open(server);
    const said = async (answer: object): Promise<string | null | undefined> => {
      server.on('GET services', answer);
      jest.useFakeTimers();
      await act(async () => {
        await model.status.load();
        jest.advanceTimersByTime(6000);
      });
      jest.useRealTimers();
      return document.querySelector('[role=status][aria-live]')?.textContent;
    };
    expect(await said(states('down', ['a']))).toBe('A is down.');
    await said(states('up', ['a', 'b', 'c', 'd']));
    expect(await said(states('down', ['a', 'b']))).toBe('A, B are down.');
    await said(states('up', ['a', 'b', 'c', 'd']));
    expect(await said(states('unknown', ['a', 'b', 'c', 'd']))).toBe(
      '4 services are unknown.'
    );
  });
});

describe('my lab', () => {
  it('tells limits, token and quotas', async () => {
    // The browser's clock is wrong by a day: the server's counts.
    const now = Date.now() - 86_400_000;
    const quota = {
      schema: 'rsp-health.quota/1',
      observed_at: new Date(now).toISOString(),
      token: {
        state: 'valid',
        message: '',
        username: 'me',
        scopes: ['read:tap', 'exec:notebook'],
        expires_at: new Date(now + 9.5 * 3600_000).toISOString()
      },
      api: [
        {
          service: 'vo-cutouts',
          limit: 0,
          remaining: null,
          resets_at: null,
          overridden: true
        },
        {
          service: 'tap',
          limit: 1000,
          remaining: 990,
          resets_at: new Date(now + 90_500).toISOString(),
          overridden: false
        },
        {
          service: 'sia',
          limit: 70,
          remaining: 3,
          resets_at: new Date(now - 500).toISOString(),
          overridden: false
        }
      ],
      concurrent_queries: { qserv: 15, sso: 5 },
      lab: {
        image: null,
        image_description: null,
        size: 'Medium',
        cpu_limit: 2,
        cpu_used: 0.5,
        memory_limit_bytes: 8 * 1024 ** 3,
        memory_used_bytes: 5.1 * 1024 ** 3,
        disk_free_bytes: 38e9,
        disk_total_bytes: 100e9,
        oom_kills: 1,
        quota_cpu: 4,
        quota_memory_bytes: 16 * 1024 ** 3,
        quota_disk_bytes: null,
        disk_quotas: {},
        may_spawn: null,
        hints: ['Lack of memory has ended 1 process in this lab.']
      },
      test_bots: {
        state: 'restricted',
        message: 'They need the scope exec:admin.',
        flocks: []
      }
    };
    await open(platform().on('GET quota', quota));
    const lab = section('My lab');
    expect(
      lab.getByRole('meter', { name: 'Memory' }).getAttribute('aria-valuetext')
    ).toBe('5.1 GiB of 8 GiB');
    lab.getByText('Token: expires in 9 h');
    lab.getByText(/Lack of memory has ended 1 process/);
    lab.getByText('TAP queries at a time: 15 (qserv), 5 (sso)');
    fireEvent.click(lab.getByRole('button', { name: 'Quotas of 3 services' }));
    const [, ...rows] = lab.getAllByRole('row');
    expect(rows.map(row => row.textContent)).toEqual([
      'vo-cutoutsblocked (changed for now)',
      'tap9901000in 1 min',
      'sia70'
    ]);
    expect(lab.queryByText(/What follows was read/)).toBeNull();
    fireEvent.click(lab.getByRole('button', { name: /own tests/ }));
    lab.getByText('They need the scope exec:admin.');
  });
});

describe('backups', () => {
  it('are listed with their cost, and the ways back and out', async () => {
    const server = platform()
      .on('GET repositories', {
        root: '/home/me',
        problems: [],
        repositories: [
          repository({
            backups: 1,
            provenance: {
              url: 'https://example.com/system-test',
              ref: 'main',
              commit: 'a2c8fd8aaa',
              checked_out_at: '2026-11-20T10:00:00.000Z',
              by: null
            }
          })
        ]
      })
      .on('GET repositories/system-test/updates', {
        available: true,
        message: '3 new commits upstream.'
      })
      .on('GET repositories/system-test/backups', {
        backups: [
          {
            id: 'b1',
            kind: 'files',
            directory: 'notebooks/rsp-health/system-test.backup-1',
            created_at: '2026-11-19T10:00:00.000Z',
            size_bytes: 4100,
            changes: [{ path: 'tap.ipynb' }],
            changes_omitted: 0
          },
          {
            id: 'b0',
            kind: 'tree',
            directory: 'notebooks/rsp-health/system-test.backup-0',
            created_at: '2026-09-19T10:00:00.000Z',
            size_bytes: 8200,
            expired: true,
            changes: [],
            changes_omitted: 0
          }
        ]
      });
    const { executed } = await open(server);
    const notebooks = section('Notebooks');
    notebooks.getByText('3 new commits upstream.');
    fireEvent.click(notebooks.getByRole('button', { name: '1 backup' }));
    await waitFor(() => notebooks.getByText(/4\.1 kB · tap\.ipynb/));
    notebooks.getByText('12 kB in all');
    for (const name of [
      'Restore…',
      'Delete this backup…',
      'Delete 1 expired backup (8.2 kB)…'
    ]) {
      const [button] = notebooks.getAllByRole('button', { name });
      button?.click();
    }
    const args = { repository: 'system-test', backup: 'b1' };
    expect(executed).toEqual([
      [CommandIDs.restore, args],
      [CommandIDs.removeBackup, args],
      [CommandIDs.pruneBackups, { repository: 'system-test' }]
    ]);
  });
});
