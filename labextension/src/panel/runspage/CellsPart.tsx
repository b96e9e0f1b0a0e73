import React, { useCallback } from 'react';

import type { NotebookTrend } from '../../api/generated/api';
import { ErrorNote } from '../../components/ErrorNote';
import { useHealth } from '../../components/context';
import { runLook } from '../../states/states';
import { formatDuration, formatMoment, visible } from '../../text/format';
import { Chart } from './Chart';
import { TableFrame } from './TableFrame';
import { useAnswer } from './answer';
import { cellTimes } from './charts';
import type { IPalette } from './charts';
import { notebookRows } from './rows';

/** How many runs are shown. */
const RUNS = 20;

/** The cells of one notebook over its last runs. */
export function CellsPart(props: {
  /** All that there are. */
  notebooks: readonly NotebookTrend[];
  notebook: string | null;
  /** Changes when a run has ended. */
  version: string;
  onChoose: (notebook: string) => void;
}): React.ReactElement {
  const { model, trans } = useHealth();
  const { notebooks, version, onChoose } = props;
  const rows = notebookRows(notebooks);
  const chosen = props.notebook ?? rows[0]?.notebook ?? null;
  const { data, error } = useAnswer(
    chosen === null ? null : () => model.api.trend(RUNS, chosen),
    `${chosen} ${version}`
  );
  const trend = data?.notebooks.find(({ notebook }) => notebook === chosen);
  return (
    <>
      <p className="jp-RSPHealth-doctorChoice">
        <label htmlFor="rsp-health-cells-of">{trans.__('Notebook')}</label>
        <select
          id="rsp-health-cells-of"
          value={chosen ?? ''}
          onChange={event => {
            onChoose(event.target.value);
          }}
        >
          {rows.map(({ notebook, name }) => (
            <option key={notebook} value={notebook}>
              {visible(name)}
            </option>
          ))}
        </select>
      </p>
      <ErrorNote error={error} />
      {trend && <Cells trend={trend} />}
      {!trend && error === null && (
        <p className="jp-RSPHealth-hint">
          {chosen === null
            ? trans.__('No checks were run yet.')
            : trans.__('Reading the runs…')}
        </p>
      )}
    </>
  );
}

function Cells(props: { trend: NotebookTrend }): React.ReactElement {
  const { trans } = useHealth();
  const { trend } = props;
  const draw = useCallback(
    (palette: IPalette) => cellTimes(trend, palette, trans),
    [trend, trans]
  );
  if (!trend.cells.some(({ times_s: times }) => times.some(t => t !== null))) {
    return (
      <p className="jp-RSPHealth-hint">
        {trans.__('None of its cells has passed in the last runs.')}
      </p>
    );
  }
  const results = [...trend.results].reverse();
  return (
    <div className="jp-RSPHealth-pageParts">
      <Chart draw={draw} />
      <TableFrame label={trans.__('Times of the cells')}>
        <table className="jp-RSPHealth-table jp-mod-figures">
          <caption>
            {trans.__('Cells and their times, the newest run first')}
          </caption>
          <thead>
            <tr>
              <th scope="col">{trans.__('Cell')}</th>
              <th scope="col">{trans.__('Usual time')}</th>
              {results.map(({ run_id: runId, at, state }) => (
                <th key={runId} scope="col" title={runId}>
                  {formatMoment(at)}
                  {state !== 'passed' && ` (${runLook(state, trans).word})`}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {trend.cells.map(({ index, source, usual, times_s: times }) => (
              <tr key={index}>
                <th scope="row">
                  {index} <code>{visible(source)}</code>
                </th>
                <td>
                  {usual
                    ? trans._n(
                        '%2 (%1 pass)',
                        '%2 (%1 passes)',
                        usual.n,
                        formatDuration(usual.median_s, trans)
                      )
                    : '–'}
                </td>
                {results.map(({ run_id: runId }, place) => (
                  <td key={runId}>
                    {formatDuration(
                      times[results.length - 1 - place] ?? null,
                      trans
                    ) || '–'}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
      <p className="jp-RSPHealth-hint">
        {trans.__(
          '–: the cell did not pass in that run, or said something else then.'
        )}
      </p>
    </div>
  );
}
