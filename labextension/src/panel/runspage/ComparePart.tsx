import React, { useMemo } from 'react';

import type { RunSummary } from '../../api/generated/api';
import { ErrorNote } from '../../components/ErrorNote';
import { useHealth } from '../../components/context';
import { isComparable, runBefore } from '../../model/comparable';
import { formatMoment } from '../../text/format';
import { Comparison } from './Comparison';
import { NotYet } from './NotYet';
import { useAnswer } from './answer';

/** Two runs: ids, or null for what is proposed. */
export interface ISides {
  before: string | null;
  after: string | null;
}

/** Two runs side by side. */
export function ComparePart(
  props: ISides & { onChoose: (sides: ISides) => void }
): React.ReactElement {
  const { model, trans } = useHealth();
  const { onChoose } = props;
  const { data: list, error: listError } = model.runs.list;
  const all = list?.runs;
  const runs = useMemo(() => (all ?? []).filter(isComparable), [all]);
  const after = props.after ?? runs[0]?.run_id ?? null;
  const before =
    props.before ??
    (after === null ? null : (runBefore(runs, after)?.run_id ?? null));
  const isAsked = before !== null && after !== null && before !== after;
  const { data, error } = useAnswer(
    isAsked ? () => model.api.comparison(before, after) : null,
    `${before} ${after}`
  );
  if (!list) {
    return <NotYet error={listError} />;
  }
  if (runs.length < 2) {
    return (
      <p className="jp-RSPHealth-hint">
        {trans.__(
          'A comparison needs two runs that have ended. Run some checks first.'
        )}
      </p>
    );
  }
  return (
    <>
      <p className="jp-RSPHealth-doctorChoice">
        <RunChoice
          name="before"
          label={trans.__('Before')}
          runs={runs}
          value={before}
          onChange={run => {
            onChoose({ before: run, after });
          }}
        />
        <RunChoice
          name="after"
          label={trans.__('After')}
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
      {isAsked && !data && error === null && (
        <p className="jp-RSPHealth-hint">{trans.__('Comparing…')}</p>
      )}
      {data && <Comparison comparison={data} />}
    </>
  );
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
  const labels = runs.map(({ started_at: at, totals }) => {
    const { passed, failed, other } = totals;
    const all = passed + failed + other;
    return trans.__('%1 · %2 of %3 passed', formatMoment(at), passed, all);
  });
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
        {runs.map(({ run_id: runId }, place) => {
          const text = labels[place] ?? runId;
          const isAlone = labels.indexOf(text) === labels.lastIndexOf(text);
          return (
            <option key={runId} value={runId}>
              {isAlone ? text : `${text} · ${runId}`}
            </option>
          );
        })}
      </select>
    </>
  );
}
