import React, { memo, useCallback, useMemo } from 'react';

import type { NotebookTrend, TrendDocument } from '../../api/generated/api';
import { ErrorNote } from '../../components/ErrorNote';
import { useHealth } from '../../components/context';
import { runLook } from '../../states/states';
import { formatDuration, formatMoment, visible } from '../../text/format';
import { Chart } from './Chart';
import { TableFrame } from './TableFrame';
import { NotYet } from './NotYet';
import type { IAnswer } from './answer';
import { useAnswer } from './answer';
import { cellTimes } from './charts';
import { RUNS, notebookRows } from './rows';
import type { IPalette } from './vega';

/** The cells of one notebook over its last runs. */
export function CellsPart(props: {
  /** What is known of all notebooks. */
  answer: IAnswer<TrendDocument>;
  /** Whose cells are shown; null: the first one's. */
  notebook: string | null;
  /** Changes when a run has ended. */
  version: string;
  onShow: (change: { notebook: string }) => void;
}): React.ReactElement {
  const { model, trans } = useHealth();
  const { answer, version, onShow } = props;
  const notebooks = answer.data?.notebooks;
  const rows = useMemo(() => notebookRows(notebooks ?? []), [notebooks]);
  const chosen = props.notebook ?? rows[0]?.notebook ?? null;
  const { data, error } = useAnswer(
    chosen === null ? null : () => model.api.trend(RUNS, chosen),
    chosen ?? '',
    version
  );
  if (chosen === null) {
    return notebooks ? (
      <p className="jp-RSPHealth-hint">
        {trans.__('No checks have been run yet.')}
      </p>
    ) : (
      <NotYet error={answer.error} />
    );
  }
  const trend = data?.notebooks.find(({ notebook }) => notebook === chosen);
  const isListed = rows.some(({ notebook }) => notebook === chosen);
  return (
    <>
      <p className="jp-RSPHealth-doctorChoice">
        <label htmlFor="rsp-health-cells-of">{trans.__('Notebook')}</label>
        <select
          id="rsp-health-cells-of"
          value={chosen}
          onChange={event => {
            onShow({ notebook: event.target.value });
          }}
        >
          {!isListed && <option value={chosen}>{visible(chosen)}</option>}
          {rows.map(({ notebook, name }) => (
            <option key={notebook} value={notebook}>
              {visible(name)}
            </option>
          ))}
        </select>
      </p>
      {trend && <ErrorNote error={error} />}
      {trend ? <Cells trend={trend} /> : <NotYet error={error} />}
    </>
  );
}

/** Its chart and table; drawn again only when there is something new. */
const Cells = memo(function Cells(props: {
  trend: NotebookTrend;
}): React.ReactElement {
  const { trans } = useHealth();
  const { trend } = props;
  const draw = useCallback(
    (palette: IPalette) => cellTimes(trend, palette, trans),
    [trend, trans]
  );
  if (!trend.cells.some(({ times_s: times }) => times.some(t => t !== null))) {
    return (
      <p className="jp-RSPHealth-hint">
        {trans.__('None of its cells passed in the last runs.')}
      </p>
    );
  }
  const results = [...trend.results].reverse();
  return (
    <div className="jp-RSPHealth-pageParts">
      <Chart draw={draw} rows={trend.cells.length} />
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
                  {state === 'passed'
                    ? formatMoment(at)
                    : trans.__(
                        '%1 (%2)',
                        formatMoment(at),
                        runLook(state, trans).word
                      )}
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
          '–: the cell did not pass in that run, or its source was another one.'
        )}
      </p>
    </div>
  );
});
