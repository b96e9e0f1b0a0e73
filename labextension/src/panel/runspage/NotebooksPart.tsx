import React, { memo, useCallback, useMemo } from 'react';

import type { RecentResult, TrendDocument } from '../../api/generated/api';
import { ErrorNote } from '../../components/ErrorNote';
import { StateIcon } from '../../components/StateLabel';
import { useHealth } from '../../components/context';
import { runLook } from '../../states/states';
import { formatDuration, formatMoment, visible } from '../../text/format';
import { Chart } from './Chart';
import { TableFrame } from './TableFrame';
import type { IAnswer } from './answer';
import { NotYet } from './NotYet';
import { heatMap } from './charts';
import type { INotebookRow, IRunColumn } from './rows';
import { RUNS, notebookRows, runColumns } from './rows';
import type { IPalette } from './vega';

/** All notebooks over the last runs. */
export function NotebooksPart(props: {
  answer: IAnswer<TrendDocument>;
  /** Shows the cells of one; always the same function. */
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
    return <NotYet error={answer.error} />;
  }
  return (
    <div className="jp-RSPHealth-pageParts">
      <ErrorNote error={answer.error} />
      {rows.length ? (
        <>
          <Chart draw={draw} rows={rows.length} />
          <Results rows={rows} columns={columns} onOpen={onOpen} />
        </>
      ) : (
        <p className="jp-RSPHealth-hint">
          {trans.__(
            'No checks have been run yet. The results of all runs will be shown here.'
          )}
        </p>
      )}
    </div>
  );
}

/** The table; large, and drawn again only when there is something new. */
const Results = memo(function Results(props: {
  rows: readonly INotebookRow[];
  columns: readonly IRunColumn[];
  onOpen: (notebook: string) => void;
}): React.ReactElement {
  const { trans } = useHealth();
  const { rows, columns, onOpen } = props;
  const newestFirst = [...columns].reverse();
  return (
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
  );
});

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
