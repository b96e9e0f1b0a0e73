import type { TranslationBundle } from '@jupyterlab/translation';
import type { JSONObject } from '@lumino/coreutils';

import type {
  ComparisonDocument,
  NotebookTrend
} from '../../api/generated/api';
import type { IStateLook, Tone } from '../../states/states';
import { runLook } from '../../states/states';
import { formatDuration, formatMoment, visible } from '../../text/format';
import type { INotebookRow, IRunColumn } from './rows';

/** Colours of the theme, as a chart needs them: it knows no variables. */
export interface IPalette {
  text: string;
  line: string;
  background: string;
  tones: Record<Tone, string>;
}

const SCHEMA = 'https://vega.github.io/schema/vega-lite/v5.json';

/** How wide the names of rows may be, in px. */
const NAME_WIDTH = 240;

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
  for (const { name, results } of rows) {
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
      y: {
        field: 'notebook',
        type: 'ordinal',
        sort: null,
        axis: { title: null, labelLimit: NAME_WIDTH }
      }
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
  const values = trend.cells.flatMap(
    ({ index, source, usual, times_s: times }) =>
      times.flatMap((seconds, place) =>
        seconds === null
          ? []
          : [
              {
                run: columns[place]?.runId ?? '',
                cell: `${index}  ${visible(source)}`,
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
        field: 'cell',
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

/** The times that differ between two runs; null if none does. */
export function timesCompared(
  comparison: ComparisonDocument,
  palette: IPalette,
  trans: TranslationBundle
): JSONObject | null {
  const [before, after] = [trans.__('before'), trans.__('after')];
  const values = comparison.differences.flatMap(difference => {
    const [from, to] = [difference.before, difference.after].map(
      side => side?.median_s ?? null
    );
    if (
      from === null ||
      to === null ||
      from === undefined ||
      to === undefined
    ) {
      return [];
    }
    const cell = difference.cell_index;
    const file = difference.notebook.slice(
      difference.notebook.lastIndexOf('/') + 1
    );
    const name =
      visible(file) + (cell === null ? '' : ` · ${trans.__('cell %1', cell)}`);
    return [
      { name, side: before, seconds: Math.max(from, LEAST_S) },
      { name, side: after, seconds: Math.max(to, LEAST_S) }
    ];
  });
  if (!values.length) {
    return null;
  }
  const sides = [before, after];
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
        axis: { title: trans.__('median time in s (log scale)') }
      },
      y: {
        field: 'name',
        type: 'ordinal',
        sort: null,
        axis: { title: null, labelLimit: NAME_WIDTH }
      }
    },
    layer: [
      {
        mark: { type: 'line', color: palette.text },
        encoding: { detail: { field: 'name' } }
      },
      {
        mark: { type: 'point', filled: true, size: 110, opacity: 1 },
        encoding: {
          color: {
            field: 'side',
            type: 'nominal',
            scale: {
              domain: sides,
              range: [palette.text, palette.tones.busy]
            },
            legend: { title: null, orient: 'top' }
          },
          shape: {
            field: 'side',
            type: 'nominal',
            scale: { domain: sides, range: ['circle', 'diamond'] }
          },
          tooltip: [
            { field: 'side', title: ' ' },
            { field: 'seconds', format: '.3~g', title: trans.__('seconds') }
          ]
        }
      }
    ]
  };
}

/** Runs by their ids, told by their times: two may have begun in one minute. */
function runAxis(
  columns: readonly IRunColumn[],
  trans: TranslationBundle
): JSONObject {
  const labels = Object.fromEntries(
    columns.map(({ runId, at }) => [runId, formatMoment(at)])
  );
  return {
    field: 'run',
    type: 'ordinal',
    sort: null,
    scale: { domain: columns.map(({ runId }) => runId) },
    axis: {
      title: trans.__('run, the newest at the right'),
      labelAngle: -50,
      labelExpr: `(${JSON.stringify(labels)})[datum.value]`
    }
  };
}

/** What all charts have in common: the looks of the lab. */
function frame(palette: IPalette): JSONObject {
  const font = { labelColor: palette.text, titleColor: palette.text };
  const lines = {
    domainColor: palette.line,
    tickColor: palette.line,
    gridColor: palette.line
  };
  return {
    $schema: SCHEMA,
    background: 'transparent',
    config: {
      view: { stroke: null },
      axis: { ...font, ...lines },
      legend: font,
      header: font
    }
  };
}
