import React, { useEffect, useState } from 'react';

import type { RunSummary } from '../../api/generated/api';
import { Disclosure } from '../../components/Disclosure';
import { ErrorNote } from '../../components/ErrorNote';
import type { IMenuLine } from '../../components/MenuButton';
import { MenuButton } from '../../components/MenuButton';
import { Section } from '../../components/Section';
import { StateIcon } from '../../components/StateLabel';
import { TextButton } from '../../components/buttons';
import { useHealth } from '../../components/context';
import { useSignals } from '../../components/hooks';
import { CommandIDs } from '../../jupyterlab/commands';
import { runBefore } from '../../model/comparable';
import { isActive } from '../../model/runs';
import { runLook } from '../../states/states';
import { formatDuration, formatMoment } from '../../text/format';
import { RunDetails } from './RunDetails';

/** How many runs are listed before one asks for more. */
const LISTED = 8;

/** The reports of a run. */
const REPORTS: readonly IMenuLine[] = [
  { command: CommandIDs.downloadReport, args: { format: 'html' } },
  { command: CommandIDs.downloadReport, args: { format: 'junit' } },
  { command: CommandIDs.downloadReport, args: { format: 'json' } }
];

/** What else can be done with one that ended too early. */
const RUN_REST: IMenuLine = {
  command: CommandIDs.runAgain,
  args: { rest: true }
};

/** The history of runs, newest first. */
export function RunsSection(): React.ReactElement {
  const { model, trans, execute } = useHealth();
  useSignals(model.runs.changed);
  const [isLong, setLong] = useState(false);
  const { data, error } = model.runs.list;
  const runs = data?.runs ?? [];
  const shown = isLong ? runs : runs.slice(0, LISTED);
  return (
    <Section name="runs" title={trans.__('Runs')}>
      <ErrorNote error={error} />
      {(data?.notices ?? []).map(notice => (
        <p key={notice} className="jp-RSPHealth-hint">
          {notice}
        </p>
      ))}
      {data && !runs.length && (
        <p className="jp-RSPHealth-hint">
          {trans.__(
            'No checks were run yet. Their results, timings and reports will be kept here.'
          )}
        </p>
      )}
      <ul className="jp-RSPHealth-list">
        {shown.map(run => (
          <RunRow
            key={run.run_id}
            run={run}
            canCompare={runBefore(runs, run.run_id) !== null}
          />
        ))}
      </ul>
      <div className="jp-RSPHealth-actions">
        {runs.length > 0 && (
          <TextButton
            label={trans.__('Runs over time')}
            title={trans.__(
              'Show notebooks and cells over the last runs, and two runs side by side'
            )}
            onClick={() => execute(CommandIDs.openRuns)}
          />
        )}
        {runs.length > LISTED && (
          <TextButton
            label={
              isLong
                ? trans.__('Show fewer')
                : trans.__('Show all %1', runs.length)
            }
            onClick={() => {
              setLong(!isLong);
            }}
          />
        )}
      </div>
    </Section>
  );
}

function RunRow(props: {
  run: RunSummary;
  /** Whether there is a run before it to compare it with. */
  canCompare: boolean;
}): React.ReactElement {
  const { run, canCompare } = props;
  const { model, trans } = useHealth();
  // The list is read again at the end; the document, as the run goes on.
  const known = isActive(run.state) && model.runs.document(run.run_id);
  const { passed, failed, other } = known ? known.totals : run.totals;
  const look = runLook(run.state, trans);
  // The counts say it already.
  const isTold = run.state === 'passed' || run.state === 'failed';
  const isCutOff = run.state === 'stopped' || run.state === 'interrupted';
  const isNothing = run.state === 'skipped';
  return (
    <li data-rsp-health-run={run.run_id} data-state={run.state}>
      <Disclosure
        name={`run:${run.run_id}`}
        label={
          <>
            <StateIcon look={look} />
            <span className={isTold ? 'jp-RSPHealth-hidden' : undefined}>
              {isNothing ? trans.__('nothing was run') : look.word}
            </span>
            {run.state !== 'unreadable' && !isNothing && (
              <span className="jp-RSPHealth-name">
                {trans.__(
                  '%1 of %2 passed',
                  passed,
                  Math.max(passed + failed + other, passed)
                )}
              </span>
            )}
          </>
        }
        aside={
          <>
            <span className="jp-RSPHealth-age">
              {formatDuration(run.duration_s, trans)}
              <time dateTime={run.started_at} title={run.started_at}>
                {formatMoment(run.started_at)}
              </time>
            </span>
            <MenuButton
              label={trans.__(
                'More about the run of %1',
                formatMoment(run.started_at)
              )}
              commands={[
                ...(isCutOff ? [RUN_REST] : []),
                CommandIDs.runAgain,
                ...(canCompare ? [CommandIDs.openRuns] : []),
                ...REPORTS
              ]}
              args={{ run: run.run_id }}
            />
          </>
        }
      >
        <LoadedRun runId={run.run_id} />
      </Disclosure>
    </li>
  );
}

function LoadedRun(props: { runId: string }): React.ReactElement {
  const { model, trans } = useHealth();
  const { runId } = props;
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    model.runs.load(runId).catch(setError);
  }, [model, runId]);
  const document = model.runs.document(runId);
  if (document) {
    return <RunDetails run={document} />;
  }
  return error === null ? (
    <p className="jp-RSPHealth-hint">{trans.__('Looking…')}</p>
  ) : (
    <ErrorNote error={error} />
  );
}
