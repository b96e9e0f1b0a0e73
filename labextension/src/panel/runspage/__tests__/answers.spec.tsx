import type { JSONObject } from '@lumino/coreutils';
import { act, fireEvent, screen } from '@testing-library/react';

import { platform } from '../../../__tests__/platform';
import { run, summary } from '../../../__tests__/runs';
import { refusal, settle } from '../../../__tests__/server';
import type { HealthModel } from '../../../model/model';
import {
  CELLS,
  FOLDER,
  TREND,
  comparison,
  open,
  renderer,
  server,
  texts
} from './openpage';

const CELLS_OF_TAP = `GET trend?limit=20&notebook=${encodeURIComponent(
  `${FOLDER}/tap.ipynb`
)}`;
const CELLS_OF_SIA = `GET trend?limit=20&notebook=${encodeURIComponent(
  `${FOLDER}/sub/sia.ipynb`
)}`;

/** Read the list of runs again. */
async function reread(model: HealthModel): Promise<void> {
  await act(async () => {
    await model.runs.list.load();
    await settle();
  });
}

/** An answer that does not come. */
const never = async (): Promise<object> => new Promise<object>(() => undefined);

describe('what the server is asked', () => {
  it('is asked again when any run has ended, not only the newest', async () => {
    const ended = [2, 1].map(day => summary(run({ run_id: `run-${day}` })));
    const [newest, older] = ended;
    const from = server().on('GET runs', {
      runs: [newest, { ...older, state: 'running', finished_at: null }]
    });
    const model = await open(from);
    const before = from.count('GET trend?limit=20');
    from.on('GET runs', { runs: ended });
    await reread(model);
    expect(from.count('GET trend?limit=20')).toBe(before + 1);
  });

  it('stays on the page when it cannot be read again, with the reason', async () => {
    const from = server();
    const model = await open(from);
    from
      .on('GET trend?limit=20', refusal(500, 'internal'))
      .on('GET runs', { runs: [summary(run({ run_id: 'run-3' }))] });
    await reread(model);
    expect(texts(/Notebooks and their last runs/)).toHaveLength(3);
    screen.getByText(/About internal/);
  });

  it('does not show the error of another question', async () => {
    const from = server()
      .on(CELLS_OF_TAP, refusal(500, 'internal'))
      .on(CELLS_OF_SIA, never);
    await open(from, { part: 'cells', notebook: `${FOLDER}/tap.ipynb` });
    screen.getByText(/About internal/);
    await act(async () => {
      fireEvent.change(screen.getByLabelText('Notebook'), {
        target: { value: `${FOLDER}/sub/sia.ipynb` }
      });
      await settle();
    });
    expect(screen.queryByText(/About internal/)).toBeNull();
    screen.getByText('Reading the runs…');
  });

  it.each([
    ['cells', 'GET trend?limit=20', never, /Reading the runs/],
    ['cells', 'GET trend?limit=20', refusal(500, 'internal'), /About internal/],
    ['compare', 'GET runs', never, /Reading the runs/],
    ['compare', 'GET runs', refusal(500, 'internal'), /About internal/]
  ] as const)(
    'is not told as missing while it is not known: %s, %s',
    async (part, route, answer, said) => {
      await open(server().on(route, answer), { part });
      screen.getByText(said);
      expect(screen.queryByText(/checks/)).toBeNull();
    }
  );

  it.each([
    ['cells', /No checks have been run yet/],
    ['compare', /needs two runs that have ended/]
  ] as const)('is told as missing where it is: %s', async (part, said) => {
    const from = platform().on('GET trend?limit=20', { notebooks: [] });
    await open(from, { part });
    screen.getByText(said);
  });
});

describe('a chart', () => {
  it('is drawn again after it could not be', async () => {
    const specs: JSONObject[] = [];
    let fails = true;
    const from = server();
    const model = await open(
      from,
      {},
      renderer(specs, () => fails)
    );
    screen.getByText(/The chart cannot be drawn/);
    fails = false;
    const [tap, sia] = TREND.notebooks;
    from
      .on('GET trend?limit=20', { notebooks: [sia, tap] })
      .on('GET runs', { runs: [summary(run({ run_id: 'run-3' }))] });
    await reread(model);
    expect(specs).toHaveLength(1);
    expect(screen.queryByText(/The chart cannot be drawn/)).toBeNull();
  });

  it('has so many rows as can be read, and says what it leaves out', async () => {
    const many = Array.from({ length: 62 }, (_, index) => ({
      ...TREND.notebooks[0],
      notebook: `${FOLDER}/${1000 + index}.ipynb`
    }));
    const cells = Array.from({ length: 61 }, (_, index) => ({
      ...CELLS.notebooks[0]?.cells[0],
      index: index + 1
    }));
    const specs: JSONObject[] = [];
    const drawn = (): number => {
      const { values } = specs.at(-1)?.data as { values: JSONObject[] };
      return new Set(values.map(({ row }) => row)).size;
    };
    const from = server()
      .on('GET trend?limit=20', { notebooks: many })
      .on(
        `GET trend?limit=20&notebook=${encodeURIComponent(`${FOLDER}/1000.ipynb`)}`,
        { notebooks: [{ ...many[0], cells }] }
      );
    await open(from, {}, renderer(specs));
    expect(drawn()).toBe(60);
    screen.getByText(
      'The chart shows the first 60 of 62 rows; the table has all of them.'
    );
    expect(document.querySelectorAll('tbody tr')).toHaveLength(62);
    await act(async () => {
      fireEvent.click(screen.getByText('1000.ipynb'));
      await settle();
    });
    expect(drawn()).toBe(60);
    screen.getByText(/the first 60 of 61 rows/);
  });

  it('has the colours that the user forces on the page', async () => {
    const media = jest.spyOn(window, 'matchMedia').mockImplementation(
      query =>
        ({
          matches: query === '(forced-colors: active)',
          addEventListener: () => undefined,
          removeEventListener: () => undefined
        }) as unknown as MediaQueryList
    );
    const specs: JSONObject[] = [];
    await open(server(), {}, renderer(specs));
    expect(JSON.stringify(specs)).toContain('CanvasText');
    media.mockRestore();
  });

  it('keeps notebooks of one name in two folders apart', async () => {
    const specs: JSONObject[] = [];
    const side = { state: 'passed', passed: 9, n: 9, error: null, mad_s: 0.1 };
    const slower = (notebook: string): object => ({
      kind: 'slower',
      notebook,
      cell_index: null,
      cell_id: null,
      source: null,
      before: { ...side, median_s: 1, times: 9, memory_bytes: null },
      after: { ...side, median_s: 2, times: 9, memory_bytes: null },
      text: 'It took 2 s instead of 1 s.'
    });
    await open(
      server().on(
        'GET comparison?before=run-1&after=run-2',
        comparison([slower('a/tap.ipynb'), slower('b/tap.ipynb')])
      ),
      { part: 'compare' },
      renderer(specs)
    );
    const { values } = specs[0]?.data as { values: JSONObject[] };
    expect(new Set(values.map(({ row }) => row)).size).toBe(2);
    expect(new Set(values.map(({ name }) => name))).toEqual(
      new Set(['a/tap.ipynb', 'b/tap.ipynb'])
    );
  });
});
