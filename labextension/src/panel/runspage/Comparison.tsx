import type { TranslationBundle } from '@jupyterlab/translation';
import React, { memo, useCallback, useMemo } from 'react';

import type {
  ComparisonDocument,
  Difference,
  RunReference,
  SideFigures
} from '../../api/generated/api';
import { useHealth } from '../../components/context';
import { runLook } from '../../states/states';
import {
  formatDuration,
  formatMemory,
  formatMoment,
  shortCommit,
  visible
} from '../../text/format';
import { Chart } from './Chart';
import { TableFrame } from './TableFrame';
import { comparedTimes, timesCompared } from './charts';
import type { IPalette } from './vega';

/** How two runs differ; drawn again only when there is something new. */
export const Comparison = memo(function Comparison(props: {
  comparison: ComparisonDocument;
}): React.ReactElement {
  const { trans } = useHealth();
  const { comparison } = props;
  const { before, after, compared, differences } = comparison;
  const times = useMemo(
    () => comparedTimes(differences, trans),
    [differences, trans]
  );
  const draw = useCallback(
    (palette: IPalette) => timesCompared(times, palette, trans),
    [times, trans]
  );
  return (
    <div className="jp-RSPHealth-pageParts">
      <p>
        {trans._n(
          '%1 notebook is in both runs.',
          '%1 notebooks are in both runs.',
          compared
        )}{' '}
        {differences.length === 0 &&
          trans.__('They do not differ beyond what is usual from run to run.')}
      </p>
      {times.length > 0 && <Chart draw={draw} rows={times.length} />}
      {differences.length > 0 && <Differences differences={differences} />}
      <TableFrame label={trans.__('The two runs')}>
        <table className="jp-RSPHealth-table">
          <caption>{trans.__('The two runs')}</caption>
          <thead>
            <tr>
              <th scope="col">{trans.__('Side')}</th>
              <th scope="col">{trans.__('Run')}</th>
              <th scope="col">{trans.__('Result')}</th>
              <th scope="col">{trans.__('Environment')}</th>
              <th scope="col">{trans.__('Runs used for times')}</th>
            </tr>
          </thead>
          <tbody>
            <Reference side={trans.__('before')} run={before} />
            <Reference side={trans.__('after')} run={after} />
          </tbody>
        </table>
      </TableFrame>
      {comparison.not_judged.length > 0 && (
        <TableFrame label={trans.__('What could not be compared')}>
          <table className="jp-RSPHealth-table">
            <caption>{trans.__('What could not be compared')}</caption>
            <thead>
              <tr>
                <th scope="col">{trans.__('Notebook')}</th>
                <th scope="col">{trans.__('Reason')}</th>
              </tr>
            </thead>
            <tbody>
              {comparison.not_judged.map(({ notebook, reason }) => (
                <tr key={`${notebook} ${reason}`}>
                  <th scope="row">{visible(notebook)}</th>
                  <td>{visible(reason)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableFrame>
      )}
    </div>
  );
});

function Differences(props: {
  differences: readonly Difference[];
}): React.ReactElement {
  const { trans } = useHealth();
  return (
    <TableFrame label={trans.__('Differences')}>
      <table className="jp-RSPHealth-table">
        <caption>{trans.__('Differences, the worst first')}</caption>
        <thead>
          <tr>
            <th scope="col">{trans.__('Difference')}</th>
            <th scope="col">{trans.__('Notebook')}</th>
            <th scope="col">{trans.__('Cell')}</th>
            <th scope="col">{trans.__('Before')}</th>
            <th scope="col">{trans.__('After')}</th>
            <th scope="col">{trans.__('In words')}</th>
          </tr>
        </thead>
        <tbody>
          {props.differences.map(one => (
            <tr key={`${one.kind} ${one.notebook} ${one.cell_index}`}>
              <th scope="row">{kindWord(one.kind, trans)}</th>
              <td>{visible(one.notebook)}</td>
              <td>
                {one.cell_index ?? ''}{' '}
                {one.source !== null && <code>{visible(one.source)}</code>}
              </td>
              <td>{figures(one.before, trans)}</td>
              <td>{figures(one.after, trans)}</td>
              <td>{visible(one.text)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

function Reference(props: {
  side: string;
  run: RunReference;
}): React.ReactElement {
  const { trans } = useHealth();
  const { side, run } = props;
  const { environment } = run;
  const where = [
    environment.image_description ?? environment.image,
    environment.kernel,
    environment.python && trans.__('Python %1', environment.python),
    run.commit && shortCommit(run.commit),
    run.folder
  ]
    .filter(Boolean)
    .join(' · ');
  return (
    <tr>
      <th scope="row">{side}</th>
      <td title={run.run_id}>{formatMoment(run.started_at)}</td>
      <td>{runLook(run.state, trans).word}</td>
      <td>{visible(where)}</td>
      <td>{run.runs}</td>
    </tr>
  );
}

/** One side in numbers: how often it passed, its time and its memory. */
function figures(side: SideFigures | null, trans: TranslationBundle): string {
  if (side === null) {
    return '–';
  }
  return [
    trans.__('%1 of %2 passed', side.passed, side.n),
    side.median_s !== null &&
      trans._n(
        '%2 (%1 pass)',
        '%2 (%1 passes)',
        side.times,
        formatDuration(side.median_s, trans)
      ),
    side.memory_bytes !== null && formatMemory(side.memory_bytes),
    side.error !== null && visible(side.error)
  ]
    .filter(Boolean)
    .join(' · ');
}

function kindWord(kind: Difference['kind'], trans: TranslationBundle): string {
  switch (kind) {
    case 'newly_failing':
      return trans.__('newly failing');
    case 'still_failing':
      return trans.__('still failing');
    case 'unsteady':
      return trans.__('unsteady');
    case 'gone':
      return trans.__('gone');
    case 'slower':
      return trans.__('slower');
    case 'more_memory':
      return trans.__('more memory');
    case 'new':
      return trans.__('new');
    case 'fixed':
      return trans.__('fixed');
    case 'faster':
      return trans.__('faster');
  }
}
