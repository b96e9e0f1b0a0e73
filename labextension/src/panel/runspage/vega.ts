import type { TranslationBundle } from '@jupyterlab/translation';
import type { JSONObject } from '@lumino/coreutils';

import type { Tone } from '../../states/states';
import { formatMoment, visible } from '../../text/format';
import type { IRunColumn } from './rows';

/** Colours of the theme, as a chart needs them: it knows no variables. */
export interface IPalette {
  text: string;
  line: string;
  background: string;
  tones: Record<Tone, string>;
}

/** How many rows a chart has at most: with more, none of them can be read. */
export const CHART_ROWS = 60;

/** How wide the names of rows may be, in px, and how long. */
export const NAME_WIDTH = 240;
const NAME_LENGTH = 36;

const SCHEMA = 'https://vega.github.io/schema/vega-lite/v5.json';

/** Runs by their ids, told by their times: two may have begun in one minute. */
export function runAxis(
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
      title: trans.__('Runs, the newest on the right'),
      labelAngle: -50,
      labelExpr: `(${JSON.stringify(labels)})[datum.value]`
    }
  };
}

/** Rows by their places, told by their names: two may look the same. */
export function rowAxis(names: readonly string[]): JSONObject {
  return {
    field: 'row',
    type: 'ordinal',
    sort: null,
    scale: { domain: names.map((_, place) => String(place)) },
    axis: {
      title: null,
      labelLimit: NAME_WIDTH,
      labelExpr: `(${JSON.stringify(names.map(shortened))})[datum.value]`
    }
  };
}

/** A path without its begin, if it is long: its end tells more. */
function shortened(name: string): string {
  const chars = Array.from(visible(name));
  return chars.length > NAME_LENGTH
    ? `…${chars.slice(1 - NAME_LENGTH).join('')}`
    : chars.join('');
}

/** What all charts have in common: the looks of the lab. */
export function frame(palette: IPalette): JSONObject {
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
