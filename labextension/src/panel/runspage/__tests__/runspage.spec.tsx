import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { JSONObject } from '@lumino/coreutils';
import { CommandRegistry } from '@lumino/commands';
import { Widget } from '@lumino/widgets';
import { act, fireEvent, screen, within } from '@testing-library/react';

import { platform } from '../../../__tests__/platform';
import { run, summary } from '../../../__tests__/runs';
import type { FakeServer } from '../../../__tests__/server';
import { refusal, settle } from '../../../__tests__/server';
import { trans } from '../../../__tests__/strings';
import type { RecentResult } from '../../../api/generated/api';
import { HealthModel } from '../../../model/model';
import { RunsPage } from '..';
import type { IShown } from '../Page';
import { sharedFolder } from '../rows';

const MIME = 'application/vnd.vegalite.v5+json';
const FOLDER = '/home/me/tests';

function result(day: number, fields: Partial<RecentResult> = {}): RecentResult {
  return {
    run_id: `run-${day}`,
    at: `2026-11-0${day}T10:00:00.000Z`,
    state: 'passed',
    measured_s: 4,
    slower: null,
    ...fields
  };
}

const USUAL = {
  median_s: 4,
  mad_s: 0.1,
  n: 9,
  limit_s: 6,
  measured_s: null,
  slower: null
};

const TREND = {
  notebooks: [
    {
      notebook: `${FOLDER}/tap.ipynb`,
      usual: USUAL,
      results: [result(1), result(2, { measured_s: 9, slower: true })],
      cells: []
    },
    {
      notebook: `${FOLDER}/sub/sia.ipynb`,
      usual: null,
      results: [result(2, { state: 'failed', measured_s: null })],
      cells: []
    }
  ]
};

const CELLS = {
  notebooks: [
    {
      ...TREND.notebooks[0],
      cells: [
        {
          index: 1,
          id: 'a',
          source: 'import pyvo',
          usual: USUAL,
          times_s: [0.5, 0.25]
        },
        { index: 2, id: 'b', source: '1 / 0', usual: null, times_s: [null, 3] }
      ]
    }
  ]
};

const SIDE = { state: 'passed', passed: 9, n: 9, error: null, mad_s: 0.1 };

function comparison(differences: object[]): object {
  const side = (id: string): object => ({
    run_id: id,
    state: 'passed',
    started_at: '2026-11-01T10:00:00.000Z',
    folder: FOLDER,
    environment: run().environment,
    commit: null,
    runs: 9
  });
  return {
    before: side('run-1'),
    after: side('run-2'),
    compared: 2,
    differences,
    not_judged: [{ notebook: 'sub/sia.ipynb', reason: 'It never passed.' }]
  };
}

const SLOWER = {
  kind: 'slower',
  notebook: 'tap.ipynb',
  cell_index: 2,
  cell_id: 'b',
  source: 'query()',
  before: { ...SIDE, median_s: 1, times: 9, memory_bytes: null },
  after: { ...SIDE, median_s: 2, times: 1, memory_bytes: 1024 ** 3 },
  text: 'Cell 2 took 2 s instead of 1 s.'
};

function server(): FakeServer {
  const runs = [2, 1].map(day =>
    summary(
      run({ run_id: `run-${day}`, started_at: `2026-11-0${day}T10:00:00Z` })
    )
  );
  return platform()
    .on('GET runs', { runs })
    .on('GET trend?limit=20', TREND)
    .on(
      `GET trend?limit=20&notebook=${encodeURIComponent(`${FOLDER}/tap.ipynb`)}`,
      CELLS
    )
    .on('GET comparison?before=run-1&after=run-2', comparison([SLOWER]));
}

/** Draws nothing, and remembers what it was to draw. */
function renderer(specs: JSONObject[]): IRenderMimeRegistry {
  return {
    mimeTypes: [MIME],
    createModel: (options: { data: Record<string, JSONObject> }) => options,
    createRenderer: () =>
      Object.assign(new Widget(), {
        renderModel: async (model: { data: Record<string, JSONObject> }) => {
          specs.push(model.data[MIME] ?? {});
          return Promise.resolve();
        }
      })
  } as unknown as IRenderMimeRegistry;
}

let page: RunsPage | null = null;
let model: HealthModel | null = null;

async function open(
  from: FakeServer,
  shown: Partial<IShown> = {},
  rendermime: IRenderMimeRegistry | null = null
): Promise<void> {
  model = new HealthModel({ serverSettings: from.settings });
  page = new RunsPage({
    model,
    commands: new CommandRegistry(),
    trans,
    charts: { rendermime, themes: null }
  });
  const opening = page;
  opening.turnTo(shown);
  await act(async () => {
    Widget.attach(opening, document.body);
    await settle();
  });
}

afterEach(() => {
  act(() => page?.dispose());
  page = null;
});

/** The texts of a table, row by row. */
function texts(name: RegExp): (string | null)[][] {
  const table = screen.getByRole('table', { name });
  return within(table)
    .getAllByRole('row')
    .map(row =>
      [...row.querySelectorAll('th, td')].map(one => one.textContent)
    );
}

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
    await open(from);
    const before = from.count('GET trend?limit=20');
    const newer = summary(run({ run_id: 'run-3' }));
    from.on('GET runs', { runs: [newer] });
    await act(async () => {
      await model?.runs.list.load();
      await model?.runs.list.load();
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
    screen.getByText(/No checks were run yet/);
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
      fireEvent.change(screen.getByLabelText('Compare'), {
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
});

describe('the folder of several notebooks', () => {
  it.each([
    [['/a/b/c.ipynb', '/a/b/d/e.ipynb'], '/a/b/'],
    [['/a/bc/d.ipynb', '/a/b/d.ipynb'], '/a/'],
    [['/a.ipynb'], '/'],
    [[], '']
  ])('of %j is %j', (paths, shared) => {
    expect(sharedFolder(paths)).toBe(shared);
  });
});
