import {
  act,
  fireEvent,
  screen,
  waitFor,
  within
} from '@testing-library/react';

import { entry, operation, repository } from '../../__tests__/checkouts';
import { platform } from '../../__tests__/platform';
import { cell, notebook, run, summary } from '../../__tests__/runs';
import { settle } from '../../__tests__/server';
import type { RunDocument } from '../../api/generated/api';
import { CommandIDs } from '../../jupyterlab/commands';
import { open, section, withFailure } from './openpanel';

/** A run in its second cell, or just before it. */
function runningUntil(state: 'queued' | 'running'): RunDocument {
  return run({
    state: 'running',
    finished_at: null,
    notebooks: [
      notebook({
        state: 'running',
        cells: [cell(), cell({ index: 2, id: 'query', state })]
      })
    ]
  });
}

describe('notebooks', () => {
  it('teaches when nothing is checked out', async () => {
    const { executed } = await open(
      platform().on('GET repositories', {
        root: '/home/me',
        problems: [],
        repositories: [repository({ state: 'absent' })]
      })
    );
    const notebooks = section('Notebooks');
    fireEvent.click(
      notebooks.getByRole('button', { name: 'Check out System test…' })
    );
    expect(executed).toEqual([
      [CommandIDs.checkout, { repository: 'system-test' }]
    ]);
  });

  it('says at once that a line is opening, until it is open', async () => {
    const opened = await open(withFailure());
    let end = (): void => undefined;
    opened.until = new Promise(resolve => {
      end = resolve;
    });
    const line = screen.getByRole('treeitem', { name: /^\[2\]/ });
    fireEvent.click(within(line).getByTitle('[2] async-submit'));
    expect(line.getAttribute('aria-busy')).toBe('true');
    expect(line.getAttribute('aria-label')).toMatch(/, opening…/);
    // Lab is asked when that has been drawn: opening keeps the page busy.
    expect(opened.executed).toEqual([]);
    await waitFor(() => {
      expect(opened.executed).toHaveLength(1);
    });
    await act(async () => {
      end();
      await settle();
    });
    expect(line.getAttribute('aria-busy')).toBe('false');
    expect(line.getAttribute('aria-label')).toMatch(/, failed/);
  });

  it('opens what failed, with the error and the way to the cell', async () => {
    const { executed } = await open(withFailure());
    const tree = within(screen.getByRole('tree', { name: 'Notebooks' }));
    tree.getByRole('treeitem', { name: '[2] async-submit, failed, 5.4 s' });
    expect(tree.getByText(/503 <img/).textContent).toBe(
      'DALServiceError: 503 <img src=x onerror=alert(1)>'
    );
    fireEvent.click(tree.getByRole('button', { name: 'Open at cell' }));
    expect(executed).toEqual([
      [
        CommandIDs.openAtCell,
        {
          path: 'notebooks/rsp-health/system-test/tap.ipynb',
          index: 2,
          cellId: 'async-submit'
        }
      ]
    ]);
  });

  it('tells once what several notebooks failed with', async () => {
    const fault = '302 to login';
    const paths = ['sia.ipynb', 'deep/tap-of-a-long-name.ipynb'];
    const bad = run({
      state: 'failed',
      notebooks: [
        ...paths.map(path => notebook({ path, state: 'failed', fault })),
        notebook({ path: 'portal.ipynb', state: 'failed', fault: 'alone' })
      ]
    });
    await open(
      platform()
        .on('GET runs', { runs: [summary(bad)] })
        .on('GET runs/run-1', bad)
        .on('GET notebooks?repository=system-test', {
          problems: [],
          notebooks: [...paths, 'portal.ipynb'].map(path => entry({ path }))
        })
    );
    const notebooks = section('Notebooks');
    const told = notebooks.getAllByRole('button', { name: /same way/ });
    expect(told.map(({ textContent }) => textContent)).toEqual([
      '2 notebooks failed in the same way: 302 to login'
    ]);
    told.forEach(button => fireEvent.click(button));
    // One a line, each cut in its middle: their ends tell them apart.
    const lines = notebooks.getAllByRole('listitem');
    expect(lines.map(({ textContent }) => textContent)).toEqual(
      expect.arrayContaining(paths)
    );
  });

  it('has one line in the tab order, which the arrows move', async () => {
    await open(withFailure());
    const tabbable = (): (string | null)[] =>
      screen
        .getAllByRole('treeitem')
        .filter(item => item.tabIndex === 0)
        .map(item => item.getAttribute('aria-label'));
    expect(tabbable()).toEqual(['system-test, failed, 1.5 s']);
    const first = screen.getByRole('treeitem', { name: /^tap,/ });
    act(() => {
      first.focus();
    });
    fireEvent.keyDown(first, { key: 'End' });
    expect(tabbable()).toEqual(['[2] async-submit, failed, 5.4 s']);
    expect(document.activeElement?.getAttribute('aria-label')).toBe(
      '[2] async-submit, failed, 5.4 s'
    );
    fireEvent.keyDown(document.activeElement ?? first, { key: 'ArrowLeft' });
    fireEvent.keyDown(document.activeElement ?? first, { key: 'ArrowLeft' });
    expect(screen.queryByRole('treeitem', { name: /async-submit/ })).toBeNull();
  });

  it('leaves the keys of its buttons to them', async () => {
    const { executed } = await open(withFailure());
    const button = screen.getByRole('button', { name: 'Open at cell' });
    fireEvent.keyDown(button, { key: 'ArrowDown' });
    fireEvent.keyDown(button, { key: 'Enter' });
    expect(executed).toEqual([]);
  });

  it('shows a run cell by cell, and offers to stop it', async () => {
    let running = runningUntil('queued');
    const { model, executed } = await open(
      platform()
        .on('GET runs', { runs: [summary(running)] })
        .on('GET runs/run-1', () => running)
    );
    running = runningUntil('running');
    await act(async () => {
      model.runs.handleEvent({
        run_id: 'run-1',
        kind: 'cell_started',
        notebook: 'tap.ipynb',
        cell_index: 2
      });
      await Promise.resolve();
    });
    screen.getByRole('treeitem', { name: /^\[2\] query, running/ });
    const bar = screen.getByRole('progressbar', { name: 'Checks' });
    expect(bar.getAttribute('aria-valuetext')).toBe(
      '0 of 1 notebooks, tap.ipynb, cell 2 of 2'
    );
    fireEvent.click(screen.getByRole('button', { name: 'Stop' }));
    expect(executed).toEqual([[CommandIDs.stopRuns, { run: 'run-1' }]]);
  });

  it('shows what the running cell prints, and what one said last', async () => {
    const running = run({
      state: 'running',
      finished_at: null,
      notebooks: [
        notebook({
          state: 'running',
          cells: [
            cell({
              state: 'timed_out',
              output_tail: 'at step 3',
              output_bytes: 9
            }),
            cell({
              index: 2,
              state: 'running',
              started_at: new Date().toISOString(),
              output_tail: 'turn 1\nturn <2>',
              output_bytes: 14_000
            }),
            cell({ index: 3, state: 'running', output_tail: null })
          ]
        })
      ]
    });
    await open(
      platform()
        .on('GET runs', { runs: [summary(running)] })
        .on('GET runs/run-1', running)
    );
    const live = screen.getByRole('log', { name: 'Output of cell 2, live' });
    expect(live.textContent).toBe('turn 1\nturn <2>');
    expect(live.getAttribute('aria-live')).toBe('off');
    expect(
      screen.getByRole('log', { name: 'Last output of cell 1' }).textContent
    ).toBe('at step 3');
    const notebooks = section('Notebooks');
    notebooks.getByText(/^for \d+ s, 14 kB of output$/);
    notebooks.getByText('no output yet');
    const [hide] = notebooks.getAllByText('Hide output');
    fireEvent.click(hide ?? document.body);
    expect(screen.queryByRole('log')).toBeNull();
    expect(notebooks.getAllByText('Show output')).toHaveLength(2);
  });

  it('offers to debug a bad cell, and the executed copy, if there is one', async () => {
    const bad = cell({ index: 2, id: 'query', state: 'died' });
    const died = run({
      state: 'died',
      notebooks: [
        notebook({ state: 'died', executed_path: '.x/tap.ipynb', cells: [bad] })
      ]
    });
    const { executed } = await open(
      platform()
        .on('GET runs', { runs: [summary(died)] })
        .on('GET runs/run-1', died)
    );
    const notebooks = section('Notebooks');
    fireEvent.click(notebooks.getByRole('button', { name: 'Debug at cell 2' }));
    fireEvent.click(notebooks.getByRole('button', { name: 'Executed copy' }));
    const args = {
      run: 'run-1',
      notebook: 'tap.ipynb',
      index: 2,
      cellId: 'query'
    };
    expect(executed).toEqual([
      [CommandIDs.debugAtCell, args],
      [CommandIDs.openExecutedCopy, args]
    ]);
  });

  it('sorts as chosen, but never while a run is under way', async () => {
    const paths = ['a.ipynb', 'b.ipynb', 'c.ipynb'];
    const documentOf = (fields: Partial<RunDocument>, durations: number[]) =>
      run({
        notebooks: paths.map((path, at) =>
          notebook({
            path,
            state: path === 'b.ipynb' ? 'failed' : 'passed',
            duration_s: durations[at] ?? null,
            cells: []
          })
        ),
        ...fields
      });
    let shown = documentOf({}, [1, 2, 3]);
    const { model } = await open(
      platform()
        .on('GET notebooks?repository=system-test', {
          problems: [],
          notebooks: paths.map(path => entry({ path, application: 'tap' }))
        })
        .on('GET runs', () => ({ runs: [summary(shown)] }))
        .on('GET runs/run-1', () => shown)
        .on('GET runs/run-2', () => shown)
    );
    const order = (): (string | undefined)[] =>
      screen
        .getAllByRole('treeitem')
        .map(item => item.getAttribute('aria-label')?.split(',')[0])
        .filter(label => label?.endsWith('.ipynb'));
    expect(order()).toEqual(['a.ipynb', 'b.ipynb', 'c.ipynb']);
    const box = screen.getByRole('combobox', { name: 'Sort notebooks' });
    fireEvent.change(box, { target: { value: 'slowest' } });
    expect(order()).toEqual(['c.ipynb', 'b.ipynb', 'a.ipynb']);
    fireEvent.change(box, { target: { value: 'state' } });
    expect(order()).toEqual(['b.ipynb', 'a.ipynb', 'c.ipynb']);
    fireEvent.change(box, { target: { value: 'slowest' } });
    const next = async (fields: Partial<RunDocument>): Promise<void> => {
      shown = documentOf(
        { run_id: 'run-2', started_at: '2099-01-01T00:00:00Z', ...fields },
        [9, 8, 7]
      );
      await act(async () => {
        await model.runs.list.load();
        await model.runs.load('run-2');
        await settle();
      });
    };
    await next({ state: 'running', finished_at: null });
    expect(order()).toEqual(['c.ipynb', 'b.ipynb', 'a.ipynb']);
    await next({});
    expect(order()).toEqual(['a.ipynb', 'b.ipynb', 'c.ipynb']);
  });

  it('opens and closes all lines at once', async () => {
    await open(withFailure());
    const count = (): number => screen.getAllByRole('treeitem').length;
    fireEvent.click(screen.getByRole('button', { name: 'Collapse all' }));
    expect(count()).toBe(2);
    fireEvent.click(screen.getByRole('button', { name: 'Expand all' }));
    expect(count()).toBe(5);
  });

  it('filters', async () => {
    const server = withFailure().on('GET notebooks?repository=system-test', {
      directory: '',
      problems: [],
      notebooks: [
        entry(),
        entry({ path: 'sia.ipynb', application: 'sia', selected: true })
      ]
    });
    await open(server);
    screen.getByRole('treeitem', { name: /^sia/ });
    fireEvent.click(screen.getByRole('button', { name: 'Only failed' }));
    expect(screen.queryByRole('treeitem', { name: /^sia/ })).toBeNull();
    fireEvent.change(
      screen.getByRole('searchbox', { name: 'Filter notebooks' }),
      { target: { value: 'nothing' } }
    );
    screen.getByText('No notebook matches the filter.');
  });

  it('shows how far a checkout is', async () => {
    const { model } = await open(platform());
    act(() => {
      model.operations.take(operation());
    });
    const bar = screen.getByRole('progressbar', { name: 'Receiving objects' });
    expect(bar.getAttribute('value')).toBe('40');
    const again = screen.getByRole('button', { name: 'Check out again…' });
    expect(again.getAttribute('aria-disabled')).toBe('true');
  });
});
