import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useCallback } from 'react';

import type {
  ComparisonDocument,
  Difference,
  RunReference,
  RunSummary,
  SideFigures
} from '../../api/generated/api';
import { ErrorNote } from '../../components/ErrorNote';
import { useHealth } from '../../components/context';
import { isActive } from '../../model/runs';
import { runLook } from '../../states/states';
import {
  formatDuration,
  formatMemory,
  formatMoment,
  visible
} from '../../text/format';
import { Chart } from './Chart';
import { TableFrame } from './TableFrame';
import { useAnswer } from './answer';
import { timesCompared } from './charts';
import type { IPalette } from './charts';

/** Two runs: ids, or null for what is proposed. */
export interface ISides {
  before: string | null;
  after: string | null;
}

/** Two runs side by side. */
export function ComparePart(props: {
  sides: ISides;
  onChoose: (sides: ISides) => void;
}): React.ReactElement {
  const { model, trans } = useHealth();
  const { onChoose } = props;
  const runs = (model.runs.list.data?.runs ?? []).filter(isComparable);
  const { before, after } = proposed(props.sides, runs);
  const isAsked = before !== null && after !== null && before !== after;
  const { data, error } = useAnswer(
    isAsked ? () => model.api.comparison(before, after) : null,
    `${before} ${after}`
  );
  if (runs.length < 2) {
    return (
      <p className="jp-RSPHealth-hint">
        {trans.__('Two runs that ended are needed. Run some checks first.')}
      </p>
    );
  }
  const isShown = data?.before.run_id === before && data.after.run_id === after;
  return (
    <>
      <p className="jp-RSPHealth-doctorChoice">
        <RunChoice
          name="before"
          label={trans.__('Compare')}
          runs={runs}
          value={before}
          onChange={run => {
            onChoose({ before: run, after });
          }}
        />
        <RunChoice
          name="after"
          label={trans.__('with')}
          runs={runs}
          value={after}
          onChange={run => {
            onChoose({ before, after: run });
          }}
        />
      </p>
      {!isAsked && (
        <p className="jp-RSPHealth-hint">
          {trans.__('Choose two different runs.')}
        </p>
      )}
      {isAsked && <ErrorNote error={error} />}
      {isAsked && !isShown && error === null && (
        <p className="jp-RSPHealth-hint">{trans.__('Comparing…')}</p>
      )}
      {isAsked && data && isShown && <Comparison comparison={data} />}
    </>
  );
}

function isComparable({ state }: RunSummary): boolean {
  return !isActive(state) && state !== 'unreadable';
}

/** What was chosen; else the newest run, and the one before in its folder. */
function proposed(sides: ISides, runs: readonly RunSummary[]): ISides {
  const after = sides.after ?? runs[0]?.run_id ?? null;
  const place = runs.findIndex(({ run_id: id }) => id === after);
  const older = runs.slice(place + 1);
  const before =
    older.find(({ folder }) => folder === runs[place]?.folder) ?? older[0];
  return { after, before: sides.before ?? before?.run_id ?? null };
}

function RunChoice(props: {
  name: string;
  label: string;
  runs: readonly RunSummary[];
  value: string | null;
  onChange: (run: string) => void;
}): React.ReactElement {
  const { trans } = useHealth();
  const { name, label, runs, value, onChange } = props;
  const id = `rsp-health-compare-${name}`;
  const isListed = runs.some(({ run_id: runId }) => runId === value);
  return (
    <>
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        value={value ?? ''}
        onChange={event => {
          onChange(event.target.value);
        }}
      >
        {!isListed && <option value={value ?? ''}>{value}</option>}
        {runs.map(run => (
          <option key={run.run_id} value={run.run_id}>
            {`${formatMoment(run.started_at)} · ${trans.__(
              '%1 of %2 passed',
              run.totals.passed,
              run.totals.passed + run.totals.failed + run.totals.other
            )}`}
          </option>
        ))}
      </select>
    </>
  );
}

function Comparison(props: {
  comparison: ComparisonDocument;
}): React.ReactElement {
  const { trans } = useHealth();
  const { comparison } = props;
  const { before, after, compared, differences } = comparison;
  const draw = useCallback(
    (palette: IPalette) => timesCompared(comparison, palette, trans) ?? {},
    [comparison, trans]
  );
  const hasTimes = differences.some(
    one => hasTime(one.before) && hasTime(one.after)
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
      {hasTimes && <Chart draw={draw} />}
      {differences.length > 0 && <Differences differences={differences} />}
      <TableFrame label={trans.__('The two runs')}>
        <table className="jp-RSPHealth-table">
          <caption>{trans.__('The two runs')}</caption>
          <thead>
            <tr>
              <th scope="col">{trans.__('Side')}</th>
              <th scope="col">{trans.__('Run')}</th>
              <th scope="col">{trans.__('Result')}</th>
              <th scope="col">{trans.__('Where')}</th>
              <th scope="col">{trans.__('Runs whose times count')}</th>
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
                  <td>{reason}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableFrame>
      )}
    </div>
  );
}

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
              <td>{one.text}</td>
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
    run.commit?.slice(0, 7),
    run.folder && visible(run.folder)
  ];
  return (
    <tr>
      <th scope="row">{side}</th>
      <td title={run.run_id}>{formatMoment(run.started_at)}</td>
      <td>{runLook(run.state, trans).word}</td>
      <td>{where.filter(Boolean).join(' · ')}</td>
      <td>{run.runs}</td>
    </tr>
  );
}

function hasTime(side: SideFigures | null): boolean {
  return side !== null && side.median_s !== null;
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
    side.error
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
