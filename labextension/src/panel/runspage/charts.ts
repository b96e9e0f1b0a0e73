import type { TranslationBundle } from '@jupyterlab/translation';
import type { JSONObject } from '@lumino/coreutils';

import type { Difference, NotebookTrend } from '../../api/generated/api';
import type { IStateLook, Tone } from '../../states/states';
import { runLook } from '../../states/states';
import { formatDuration, formatMoment, visible } from '../../text/format';
import type { INotebookRow, IRunColumn } from './rows';
import { sharedFolder } from './rows';
import type { IPalette } from './vega';
import { CHART_ROWS, NAME_WIDTH, frame, rowAxis, runAxis } from './vega';

/** A log scale has no zero; clocks of kernels are not finer. */
const LEAST_S = 0.001;

/** What a tile says besides its colour. */
const MARKS: Record<Tone, string> = {
  good: '',
  bad: '✕',
  warn: '!',
  busy: '…',
  muted: '–'
};

/** Notebooks over runs; a tile is a result. */
export function heatMap(
  rows: readonly INotebookRow[],
  columns: readonly IRunColumn[],
  palette: IPalette,
  trans: TranslationBundle
): JSONObject {
  const values: JSONObject[] = [];
  const colours = new Map<string, string>();
  const shown = rows.slice(0, CHART_ROWS);
  for (const [place, { name, results }] of shown.entries()) {
    for (const { runId, at } of columns) {
      const result = results.get(runId);
      if (result) {
        const look: IStateLook = runLook(result.state, trans);
        const slower = result.slower === true;
        const word = slower ? trans.__('slower than usual') : look.word;
        colours.set(
          word,
          slower ? palette.tones.busy : palette.tones[look.tone]
        );
        values.push({
          row: String(place),
          run: runId,
          began: formatMoment(at),
          notebook: visible(name),
          word,
          mark: slower ? '▲' : MARKS[look.tone],
          took: formatDuration(result.measured_s, trans)
        });
      }
    }
  }
  const words = [...colours.keys()];
  return {
    ...frame(palette),
    data: { values },
    width: { step: 26 },
    height: { step: 20 },
    encoding: {
      x: runAxis(columns, trans),
      y: rowAxis(shown.map(({ name }) => name))
    },
    layer: [
      {
        mark: { type: 'rect', stroke: palette.background, strokeWidth: 2 },
        encoding: {
          color: {
            field: 'word',
            type: 'nominal',
            scale: {
              domain: words,
              range: words.map(word => colours.get(word) ?? palette.text)
            },
            legend: { title: null, orient: 'top' }
          },
          tooltip: ['notebook', 'began', 'word', 'took'].map(field => ({
            field,
            title: titleOf(field, trans)
          }))
        }
      },
      {
        mark: { type: 'text', fontWeight: 'bold' },
        encoding: {
          text: { field: 'mark' },
          color: { value: palette.background }
        }
      }
    ]
  };
}

function titleOf(field: string, trans: TranslationBundle): string {
  switch (field) {
    case 'notebook':
      return trans.__('Notebook');
    case 'began':
      return trans.__('Run of');
    case 'word':
      return trans.__('Result');
    default:
      return trans.__('Time');
  }
}

/** One notebook's cells, each with a line of its own. */
export function cellTimes(
  trend: NotebookTrend,
  palette: IPalette,
  trans: TranslationBundle
): JSONObject {
  const columns = trend.results.map(({ run_id: runId, at }) => ({
    runId,
    at
  }));
  const values = trend.cells
    .slice(0, CHART_ROWS)
    .flatMap(({ index, source, usual, times_s: times }) =>
      times.flatMap((seconds, place) =>
        seconds === null
          ? []
          : [
              {
                run: columns[place]?.runId ?? '',
                row: `${index}  ${visible(source)}`,
                seconds,
                usual: usual?.median_s ?? null
              }
            ]
      )
    );
  return {
    ...frame(palette),
    data: { values },
    facet: {
      row: {
        field: 'row',
        type: 'nominal',
        sort: null,
        header: {
          title: null,
          labelAngle: 0,
          labelAlign: 'left',
          labelLimit: NAME_WIDTH,
          labelColor: palette.text
        }
      }
    },
    spacing: 6,
    resolve: { scale: { y: 'independent' } },
    spec: {
      width: Math.max(26 * columns.length, 130),
      height: 30,
      encoding: { x: runAxis(columns, trans) },
      layer: [
        {
          mark: {
            type: 'line',
            point: { color: palette.tones.busy, size: 20 },
            color: palette.tones.busy
          },
          encoding: {
            y: {
              field: 'seconds',
              type: 'quantitative',
              axis: { title: null, tickCount: 2, grid: false }
            },
            tooltip: [
              { field: 'seconds', format: '.3~g', title: trans.__('seconds') }
            ]
          }
        },
        {
          mark: { type: 'rule', strokeDash: [4, 4], color: palette.text },
          encoding: {
            y: { aggregate: 'mean', field: 'usual', type: 'quantitative' },
            x: null
          }
        }
      ]
    }
  };
}

/** A time that differs between two runs. */
export interface IComparedTime {
  name: string;
  beforeS: number;
  afterS: number;
}

/**
 * The times that differ between two runs.
 *
 * @param differences - Of the two.
 * @param trans - The translations.
 */
export function comparedTimes(
  differences: readonly Difference[],
  trans: TranslationBundle
): IComparedTime[] {
  const shared = sharedFolder(differences.map(({ notebook }) => notebook));
  return differences.flatMap(difference => {
    const { before, after, notebook, cell_index: cell } = difference;
    const [beforeS, afterS] = [before?.median_s, after?.median_s];
    if (typeof beforeS !== 'number' || typeof afterS !== 'number') {
      return [];
    }
    const file = visible(notebook.slice(shared.length));
    const name = cell === null ? file : trans.__('%1 · cell %2', file, cell);
    return [{ name, beforeS, afterS }];
  });
}

/** The times of two runs; each pair is a row. */
export function timesCompared(
  times: readonly IComparedTime[],
  palette: IPalette,
  trans: TranslationBundle
): JSONObject {
  const shown = times.slice(0, CHART_ROWS);
  const sides = [trans.__('before'), trans.__('after')] as const;
  const values = shown.flatMap(({ name, beforeS, afterS }, place) =>
    [beforeS, afterS].map((seconds, side) => ({
      row: String(place),
      name,
      side: sides[side] ?? '',
      seconds: Math.max(seconds, LEAST_S)
    }))
  );
  return {
    ...frame(palette),
    data: { values },
    width: 420,
    height: { step: 24 },
    encoding: {
      x: {
        field: 'seconds',
        type: 'quantitative',
        scale: { type: 'log' },
        axis: { title: trans.__('Median time in s (log scale)') }
      },
      y: rowAxis(shown.map(({ name }) => name))
    },
    layer: [
      {
        mark: { type: 'line', color: palette.text },
        encoding: { detail: { field: 'row' } }
      },
      {
        mark: { type: 'point', filled: true, size: 110, opacity: 1 },
        encoding: {
          color: {
            field: 'side',
            type: 'nominal',
            scale: {
              domain: [...sides],
              range: [palette.text, palette.tones.busy]
            },
            legend: { title: null, orient: 'top' }
          },
          shape: {
            field: 'side',
            type: 'nominal',
            scale: { domain: [...sides], range: ['circle', 'diamond'] }
          },
          tooltip: [
            { field: 'name', title: trans.__('Notebook') },
            { field: 'side', title: trans.__('Side') },
            { field: 'seconds', format: '.3~g', title: trans.__('seconds') }
          ]
        }
      }
    ]
  };
}
