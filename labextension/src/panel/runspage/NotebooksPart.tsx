import React, { useCallback, useMemo } from 'react';

import type { RecentResult, TrendDocument } from '../../api/generated/api';
import { ErrorNote } from '../../components/ErrorNote';
import { StateIcon } from '../../components/StateLabel';
import { useHealth } from '../../components/context';
import { runLook } from '../../states/states';
import { formatDuration, formatMoment, visible } from '../../text/format';
import { Chart } from './Chart';
import { TableFrame } from './TableFrame';
import type { IAnswer } from './answer';
import { heatMap } from './charts';
import type { IPalette } from './charts';
import { notebookRows, runColumns } from './rows';

/** How many runs are shown. */
const RUNS = 20;

/** All notebooks over the last runs. */
export function NotebooksPart(props: {
  answer: IAnswer<TrendDocument>;
  /** Show the cells of one. */
  onOpen: (notebook: string) => void;
}): React.ReactElement {
  const { trans } = useHealth();
  const { answer, onOpen } = props;
  const notebooks = answer.data?.notebooks;
  const [rows, columns] = useMemo(
    () => [notebookRows(notebooks ?? []), runColumns(notebooks ?? [], RUNS)],
    [notebooks]
  );
  const draw = useCallback(
    (palette: IPalette) => heatMap(rows, columns, palette, trans),
    [rows, columns, trans]
  );
  if (!notebooks) {
    return answer.error === null ? (
      <p className="jp-RSPHealth-hint">{trans.__('Reading the runs…')}</p>
    ) : (
      <ErrorNote error={answer.error} />
    );
  }
  if (!rows.length) {
    return (
      <p className="jp-RSPHealth-hint">
        {trans.__(
          'No checks were run yet. When some were, their results are shown here over time.'
        )}
      </p>
    );
  }
  const newestFirst = [...columns].reverse();
  return (
    <div className="jp-RSPHealth-pageParts">
      <Chart draw={draw} />
      <TableFrame label={trans.__('Results of all notebooks')}>
        <table className="jp-RSPHealth-table jp-mod-figures">
          <caption>
            {trans.__('Notebooks and their last runs, the newest first')}
          </caption>
          <thead>
            <tr>
              <th scope="col">{trans.__('Notebook')}</th>
              <th scope="col">{trans.__('Usual time')}</th>
              {newestFirst.map(({ runId, at }) => (
                <th key={runId} scope="col" title={runId}>
                  {formatMoment(at)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ notebook, name, usualS, passes, results }) => (
              <tr key={notebook}>
                <th scope="row">
                  <button
                    type="button"
                    className="jp-RSPHealth-timingName"
                    title={trans.__('Show its cells over time')}
                    onClick={() => {
                      onOpen(notebook);
                    }}
                  >
                    {visible(name)}
                  </button>
                </th>
                <td>
                  {usualS === null
                    ? '–'
                    : trans._n(
                        '%2 (%1 pass)',
                        '%2 (%1 passes)',
                        passes,
                        formatDuration(usualS, trans)
                      )}
                </td>
                {newestFirst.map(({ runId }) => (
                  <td key={runId}>
                    <Result result={results.get(runId)} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
    </div>
  );
}

/** A result, in words where it is not a time. */
function Result(props: {
  result: RecentResult | undefined;
}): React.ReactElement {
  const { trans } = useHealth();
  const { result } = props;
  if (!result) {
    return (
      <>
        <span aria-hidden="true">–</span>
        <span className="jp-RSPHealth-hidden">
          {trans.__('not in this run')}
        </span>
      </>
    );
  }
  const look = runLook(result.state, trans);
  const isTime = result.state === 'passed' && result.measured_s !== null;
  return (
    <span className="jp-RSPHealth-state">
      <StateIcon look={look} />
      {isTime && (
        <>
          <span className="jp-RSPHealth-hidden">{look.word}</span>
          {formatDuration(result.measured_s, trans)}
          {result.slower === true && (
            <span className="jp-RSPHealth-tag">{trans.__('slower')}</span>
          )}
        </>
      )}
      {!isTime && look.word}
    </span>
  );
}
