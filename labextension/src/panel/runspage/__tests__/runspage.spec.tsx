import { MainAreaWidget } from '@jupyterlab/apputils';
import { CommandRegistry } from '@lumino/commands';
import type { JSONObject } from '@lumino/coreutils';
import { Widget } from '@lumino/widgets';
import { act, fireEvent, screen, within } from '@testing-library/react';

import { platform } from '../../../__tests__/platform';
import { run, summary } from '../../../__tests__/runs';
import { refusal, settle } from '../../../__tests__/server';
import { trans } from '../../../__tests__/strings';
import { HealthModel } from '../../../model/model';
import { RunsPage } from '..';
import { sharedFolder } from '../rows';
import { comparison, open, renderer, server, texts } from './openpage';

describe('notebooks over runs', () => {
  it('are a table that alone says everything', async () => {
    await open(server());
    const [head, ...rows] = texts(/Notebooks and their last runs/);
    expect(head?.slice(0, 2)).toEqual(['Notebook', 'Usual time']);
    expect(head).toHaveLength(4);
    expect(rows).toEqual([
      ['sub/sia.ipynb', '–', 'failed', '–not in this run'],
      ['tap.ipynb', '4 s (9 passes)', 'passed9 sslower', 'passed4 s']
    ]);
    screen.getByText(/The chart cannot be drawn in this lab/);
  });

  it('are a chart of the same results, drawn by the lab', async () => {
    const specs: JSONObject[] = [];
    await open(server(), {}, renderer(specs));
    const [spec] = specs;
    const { values } = spec?.data as { values: JSONObject[] };
    expect(
      values.map(({ run: id, notebook, word, mark }) => [
        id,
        notebook,
        word,
        mark
      ])
    ).toEqual([
      ['run-2', 'sub/sia.ipynb', 'failed', '✕'],
      ['run-1', 'tap.ipynb', 'passed', ''],
      ['run-2', 'tap.ipynb', 'slower than usual', '▲']
    ]);
    expect(
      document.querySelector('.jp-RSPHealth-chart[aria-hidden]')
    ).not.toBeNull();
  });

  it('lead to the cells of one', async () => {
    const specs: JSONObject[] = [];
    await open(server(), {}, renderer(specs));
    await act(async () => {
      fireEvent.click(screen.getByRole('button', { name: 'tap.ipynb' }));
      await settle();
    });
    const [, ...rows] = texts(/Cells and their times/);
    expect(rows).toEqual([
      ['1 import pyvo', '4 s (9 passes)', '0.25 s', '0.5 s'],
      ['2 1 / 0', '–', '3 s', '–']
    ]);
    const { values } = specs.at(-1)?.data as { values: JSONObject[] };
    expect(values.map(({ seconds }) => seconds)).toEqual([0.5, 0.25, 3]);
  });

  it('are asked for again when a run has ended, and not before', async () => {
    const from = server();
    const model = await open(from);
    const before = from.count('GET trend?limit=20');
    const newer = summary(run({ run_id: 'run-3' }));
    from.on('GET runs', { runs: [newer] });
    await act(async () => {
      await model.runs.list.load();
      await model.runs.list.load();
      await settle();
    });
    expect(from.count('GET trend?limit=20')).toBe(before + 1);
  });

  it('say what went wrong, and what to do', async () => {
    await open(server().on('GET trend?limit=20', refusal(500, 'internal')));
    expect(screen.queryByRole('table')).toBeNull();
    expect(document.querySelector('.jp-RSPHealth-note')).not.toBeNull();
  });

  it('say that there are none yet', async () => {
    await open(
      platform()
        .on('GET runs', { runs: [] })
        .on('GET trend?limit=20', { notebooks: [] })
    );
    screen.getByText(/No checks have been run yet/);
  });
});

describe('two runs compared', () => {
  it('are the newest and the one before, until one chooses', async () => {
    const specs: JSONObject[] = [];
    await open(server(), { part: 'compare' }, renderer(specs));
    const [, ...rows] = texts(/Differences/);
    expect(rows).toEqual([
      [
        'slower',
        'tap.ipynb',
        '2 query()',
        '9 of 9 passed · 1 s (9 passes)',
        '9 of 9 passed · 2 s (1 pass) · 1 GiB',
        'Cell 2 took 2 s instead of 1 s.'
      ]
    ]);
    expect(texts(/What could not be compared/)[1]).toEqual([
      'sub/sia.ipynb',
      'It never passed.'
    ]);
    expect(specs).toHaveLength(1);
    await act(async () => {
      fireEvent.change(screen.getByLabelText('Before'), {
        target: { value: 'run-2' }
      });
      await settle();
    });
    screen.getByText('Choose two different runs.');
  });

  it('say so when they do not differ, without an empty chart', async () => {
    const specs: JSONObject[] = [];
    const from = server().on(
      'GET comparison?before=run-1&after=run-2',
      comparison([])
    );
    await open(from, { part: 'compare', after: 'run-2' }, renderer(specs));
    screen.getByText(/do not differ beyond what is usual/);
    expect(specs).toEqual([]);
  });
});

describe('the parts of the page', () => {
  it('are reached with the arrow keys, round and round', async () => {
    await open(server());
    const list = screen.getByRole('tablist');
    const chosen = (): string | null =>
      within(list).getByRole('tab', { selected: true }).textContent;
    const press = async (key: string): Promise<void> =>
      act(async () => {
        fireEvent.keyDown(list, { key });
        await settle();
      });
    await press('ArrowLeft');
    expect(chosen()).toBe('Two runs compared');
    await press('ArrowRight');
    expect(chosen()).toBe('Notebooks over runs');
    expect(document.activeElement?.textContent).toBe('Notebooks over runs');
  });

  it('have the focus when a notebook has led to another', async () => {
    await open(server());
    const name = screen.getByRole('button', { name: 'tap.ipynb' });
    name.focus();
    await act(async () => {
      fireEvent.click(name);
      await settle();
    });
    expect(document.activeElement?.textContent).toBe('Cells of a notebook');
  });

  it('have the focus when the lab turns to the page', async () => {
    const model = new HealthModel({ serverSettings: server().settings });
    const content = new RunsPage({
      model,
      commands: new CommandRegistry(),
      trans,
      charts: { rendermime: null, themes: null }
    });
    const page = new MainAreaWidget({ content });
    await act(async () => {
      Widget.attach(page, document.body);
      await settle();
    });
    await act(async () => {
      page.activate();
      await settle();
    });
    expect(document.activeElement?.textContent).toBe('Notebooks over runs');
    // What the user is at, keeps it.
    const name = screen.getByRole('button', { name: 'tap.ipynb' });
    await act(async () => {
      name.focus();
      page.activate();
      await settle();
    });
    expect(document.activeElement).toBe(name);
    act(() => {
      page.dispose();
    });
    model.dispose();
  });
});

describe('the folder of several notebooks', () => {
  it.each([
    [['/a/b/c.ipynb', '/a/b/d/e.ipynb'], '/a/b/'],
    [['/a/bc/d.ipynb', '/a/b/d.ipynb'], '/a/'],
    [['/a.ipynb'], '/'],
    [['/a/b.ipynb', 'c/d.ipynb'], ''],
    [['a/b.ipynb', '/c/d.ipynb'], ''],
    [[], '']
  ])('of %j is %j', (paths, shared) => {
    expect(sharedFolder(paths)).toBe(shared);
  });
});
