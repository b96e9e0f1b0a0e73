import { Menu } from '@lumino/widgets';
import { fireEvent, waitFor, within } from '@testing-library/react';

import { platform } from '../../__tests__/platform';
import { cell, notebook, run, summary } from '../../__tests__/runs';
import { CommandIDs } from '../../jupyterlab/commands';
import { open, section, withFailure } from './openpanel';

describe('runs', () => {
  it('opens to timings, the slowest first, and reports', async () => {
    await open(withFailure());
    const runs = section('Runs');
    fireEvent.click(runs.getByRole('button', { name: /0 of 1 passed/ }));
    await waitFor(() => runs.getByRole('table', { name: 'Slowest cells' }));
    const rows = runs.getAllByRole('row').map(row => row.textContent);
    expect(rows.slice(1)).toEqual([
      'tap.ipynb [2] async-submit5.4 s',
      'tap.ipynb [1] imports0.8 s'
    ]);
    const html = runs.getByRole('link', { name: 'HTML' });
    expect(html.getAttribute('href')).toBe(
      'http://lab.example/user/me/rsp-health/runs/run-1/report?format=html'
    );
  });

  it('shows a run that is in no checkout, with times of before, and stops it', async () => {
    const elsewhere = run({
      state: 'running',
      finished_at: null,
      folder: '/home/me/mine',
      notebooks: [
        notebook({ path: 'b.ipynb', state: 'running', duration_s: null }),
        notebook({
          path: 'a.ipynb',
          state: 'queued',
          duration_s: null,
          expected_s: 4.2,
          cells: []
        }),
        notebook({ path: 'c.ipynb', state: 'skipped', reason: 'By rule 3.' })
      ]
    });
    const { executed } = await open(
      platform()
        .on('GET runs', { runs: [summary(elsewhere)] })
        .on('GET runs/run-1', elsewhere)
    );
    const runs = section('Runs');
    fireEvent.click(runs.getByRole('button', { name: /passed/ }));
    await waitFor(() => runs.getByRole('tree', { name: /^Run of/ }));
    const lines = runs
      .getAllByRole('treeitem')
      .filter(line => line.getAttribute('aria-level') === '1')
      .map(line => [line.getAttribute('aria-label'), line.textContent]);
    expect(lines).toEqual([
      ['b.ipynb, running', 'b.ipynbrunning'],
      ['a.ipynb, queued', 'a.ipynbqueued~4.2 s']
    ]);
    runs.getByText('1 skipped');
    fireEvent.click(runs.getByRole('button', { name: 'Stop this run' }));
    expect(executed).toEqual([[CommandIDs.stopRuns, { run: 'run-1' }]]);
  });

  it('says of a run that ran nothing that it did not pass', async () => {
    const nothing = run({
      state: 'skipped',
      reason: 'Nothing was run: 1 notebook was skipped.',
      notebooks: [
        notebook({ path: 'c.ipynb', state: 'skipped', reason: 'By rule 3.' })
      ]
    });
    await open(
      platform()
        .on('GET runs', { runs: [summary(nothing)] })
        .on('GET runs/run-1', nothing)
    );
    const runs = section('Runs');
    expect(runs.queryByText(/passed/)).toBeNull();
    fireEvent.click(runs.getByRole('button', { name: /nothing was run/ }));
    await waitFor(() =>
      runs.getByText('Nothing was run: 1 notebook was skipped.')
    );
  });

  it('tells of the bot, and of results that could not be sent', async () => {
    const notices = [
      'Your test bot is at work. Its next run is at 05:20 UTC.',
      '3 events wait for sasquatch: Sasquatch answered HTTP 503.'
    ];
    await open(
      platform().on('GET runs', {
        schema: 'rsp-health.runs/1',
        runs: [],
        notices
      })
    );
    for (const notice of notices) {
      await waitFor(() => section('Runs').getByText(notice));
    }
  });

  it('tells of memory near the limit of the lab, and leads to the cell', async () => {
    const gib = 1024 ** 3;
    const document = run({
      environment: { ...run().environment, memory_limit_bytes: 8 * gib },
      notebooks: [
        notebook({
          cells: [
            cell({ duration_s: 2, peak_memory_bytes: 6.1 * gib }),
            cell({ index: 2, id: 'rows', peak_memory_bytes: 2 * gib })
          ]
        })
      ]
    });
    const { executed } = await open(
      platform()
        .on('GET runs', { runs: [summary(document)] })
        .on('GET runs/run-1', document)
    );
    const runs = section('Runs');
    fireEvent.click(runs.getByRole('button', { name: /of 1 passed/ }));
    await waitFor(() => runs.getByRole('table', { name: 'Slowest cells' }));
    const cells = runs.getAllByRole('cell').map(one => one.textContent);
    expect(cells).toEqual(['2 s', '6.1 GiB of 8 GiB', '0.8 s', '2 GiB']);
    fireEvent.click(runs.getByRole('button', { name: 'tap.ipynb [2] rows' }));
    expect(executed).toEqual([
      [
        CommandIDs.openAtCell,
        {
          path: 'notebooks/rsp-health/system-test/tap.ipynb',
          index: 2,
          cellId: 'rows'
        }
      ]
    ]);
  });

  it('offers to compare only what has a run before it', async () => {
    const runs = [
      summary(run({ run_id: 'run-5', state: 'running', finished_at: null })),
      summary(run({ run_id: 'run-4', state: 'unreadable' })),
      summary(run({ run_id: 'run-3' })),
      summary(run({ run_id: 'run-2', state: 'unreadable' })),
      summary(run({ run_id: 'run-1' }))
    ];
    await open(platform().on('GET runs', { runs }));
    const added = jest.spyOn(Menu.prototype, 'addItem');
    const offered = runs.map(({ run_id: id }) => {
      const row = document.querySelector(`[data-rsp-health-run="${id}"]`);
      added.mockClear();
      fireEvent.click(
        within(row as HTMLElement).getByRole('button', { name: /^More about/ })
      );
      const commands = added.mock.calls.map(([{ command }]) => command);
      expect(commands).toContain(CommandIDs.runAgain);
      return commands.includes(CommandIDs.openRuns);
    });
    added.mockRestore();
    expect(offered).toEqual([false, false, true, false, false]);
  });

  it('teaches before the first run', async () => {
    await open(platform());
    section('Runs').getByText(/No checks were run yet/);
  });
});
