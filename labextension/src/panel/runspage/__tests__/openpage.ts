import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { JSONObject } from '@lumino/coreutils';
import { CommandRegistry } from '@lumino/commands';
import { Widget } from '@lumino/widgets';
import { act, screen, within } from '@testing-library/react';

import { platform } from '../../../__tests__/platform';
import { run, summary } from '../../../__tests__/runs';
import type { FakeServer } from '../../../__tests__/server';
import { settle } from '../../../__tests__/server';
import { trans } from '../../../__tests__/strings';
import type { RecentResult } from '../../../api/generated/api';
import { HealthModel } from '../../../model/model';
import { RunsPage } from '..';
import type { IShown } from '../Page';

const MIME = 'application/vnd.vegalite.v5+json';
export const FOLDER = '/home/me/tests';

/** A notebook's result in the run of a day. */
export function result(
  day: number,
  fields: Partial<RecentResult> = {}
): RecentResult {
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

export const TREND = {
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

export const CELLS = {
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

/** The answer to a comparison of the two runs. */
export function comparison(differences: object[]): object {
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

/** A cell that took longer in the second run. */
export const SLOWER = {
  kind: 'slower',
  notebook: 'tap.ipynb',
  cell_index: 2,
  cell_id: 'b',
  source: 'query()',
  before: { ...SIDE, median_s: 1, times: 9, memory_bytes: null },
  after: { ...SIDE, median_s: 2, times: 1, memory_bytes: 1024 ** 3 },
  text: 'Cell 2 took 2 s instead of 1 s.'
};

/** A server with two runs of two notebooks. */
export function server(): FakeServer {
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

/**
 * Draws nothing, and remembers what it was to draw.
 *
 * @param specs - What was drawn is added to it.
 * @param fails - Whether the next one cannot be drawn.
 */
export function renderer(
  specs: JSONObject[],
  fails: () => boolean = () => false
): IRenderMimeRegistry {
  return {
    mimeTypes: [MIME],
    createModel: (options: { data: Record<string, JSONObject> }) => options,
    createRenderer: () =>
      Object.assign(new Widget(), {
        renderModel: async (model: { data: Record<string, JSONObject> }) => {
          if (fails()) {
            return Promise.reject(new Error('No code of it came.'));
          }
          specs.push(model.data[MIME] ?? {});
          return Promise.resolve();
        }
      })
  } as unknown as IRenderMimeRegistry;
}

let page: RunsPage | null = null;

/** Open the page, and wait until all has come. */
export async function open(
  from: FakeServer,
  shown: Partial<IShown> = {},
  rendermime: IRenderMimeRegistry | null = null
): Promise<HealthModel> {
  const model = new HealthModel({ serverSettings: from.settings });
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
  return model;
}

afterEach(() => {
  act(() => page?.dispose());
  page = null;
});

/** The texts of a table, row by row. */
export function texts(name: RegExp): (string | null)[][] {
  const table = screen.getByRole('table', { name });
  return within(table)
    .getAllByRole('row')
    .map(row =>
      [...row.querySelectorAll('th, td')].map(one => one.textContent)
    );
}
