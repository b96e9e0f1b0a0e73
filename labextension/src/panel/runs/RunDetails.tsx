import type { TranslationBundle } from '@jupyterlab/translation';
import { notebookIcon } from '@jupyterlab/ui-components';
import React from 'react';

import type { ReportFormat } from '../../api';
import { CommandIDs } from '../../commands';
import { IconButton, OutLink } from '../../components/buttons';
import { Disclosure } from '../../components/Disclosure';
import { StateIcon, StateLabel } from '../../components/StateLabel';
import { formatDuration, visible } from '../../format';
import type { NotebookResult, RunDocument } from '../../generated/api';
import { runLook, runRank } from '../../states';
import { useHealth } from '../context';
import { Timings } from './Timings';

/** One run: its notebooks, the time its cells took, and its reports. */
export function RunDetails(props: { run: RunDocument }): React.ReactElement {
  const { run } = props;
  const { trans } = useHealth();
  const notebooks = [...run.notebooks].sort(
    (a, b) => runRank(a.state) - runRank(b.state)
  );
  const ran = notebooks.filter(notebook => notebook.state !== 'skipped');
  const skipped = notebooks.filter(notebook => notebook.state === 'skipped');
  const lines = (results: NotebookResult[]): React.ReactElement[] =>
    results.map(notebook => (
      <NotebookLine
        key={notebook.path}
        runId={run.run_id}
        notebook={notebook}
      />
    ));
  return (
    <div className="jp-RSPHealth-details">
      {run.reason && <p className="jp-RSPHealth-reason">{run.reason}</p>}
      {run.problems.map(problem => (
        <p key={problem} className="jp-RSPHealth-reason">
          {problem}
        </p>
      ))}
      <ul className="jp-RSPHealth-list">{lines(ran)}</ul>
      {skipped.length > 0 && (
        <Disclosure
          name={`skipped:${run.run_id}`}
          label={
            <>
              <StateIcon look={runLook('skipped', trans)} />
              {trans._n('%1 skipped', '%1 skipped', skipped.length)}
            </>
          }
        >
          <ul className="jp-RSPHealth-list">{lines(skipped)}</ul>
        </Disclosure>
      )}
      <Timings run={run} />
      <Reports runId={run.run_id} />
      <p className="jp-RSPHealth-facts">{circumstances(run, trans)}</p>
    </div>
  );
}

function NotebookLine(props: {
  runId: string;
  notebook: NotebookResult;
}): React.ReactElement {
  const { trans, execute } = useHealth();
  const { runId, notebook } = props;
  return (
    <li className="jp-RSPHealth-runNotebook" data-state={notebook.state}>
      <StateLabel look={runLook(notebook.state, trans)} />
      <span className="jp-RSPHealth-name">{visible(notebook.path)}</span>
      <span className="jp-RSPHealth-duration">
        {formatDuration(notebook.duration_s, trans)}
      </span>
      {notebook.executed_path !== null && (
        <IconButton
          icon={notebookIcon}
          label={trans.__('Executed copy of %1', visible(notebook.path))}
          onClick={() => {
            execute(CommandIDs.openExecutedCopy, {
              run: runId,
              notebook: notebook.path
            });
          }}
        />
      )}
      {notebook.reason && (
        <p className="jp-RSPHealth-reason">{notebook.reason}</p>
      )}
      {notebook.notes.map(note => (
        <p key={note} className="jp-RSPHealth-reason">
          {note}
        </p>
      ))}
    </li>
  );
}

function Reports(props: { runId: string }): React.ReactElement {
  const { model, trans } = useHealth();
  const formats: [ReportFormat, string][] = [
    ['html', trans.__('HTML')],
    ['junit', trans.__('JUnit')],
    ['json', trans.__('JSON')]
  ];
  return (
    <p className="jp-RSPHealth-links">
      <span>{trans.__('Reports:')}</span>
      {formats.map(([format, label]) => (
        <OutLink key={format} href={model.api.reportUrl(props.runId, format)}>
          {label}
        </OutLink>
      ))}
    </p>
  );
}

/** Where and how it ran. */
function circumstances(run: RunDocument, trans: TranslationBundle): string {
  const { environment, repository } = run;
  return [
    run.run_id,
    run.mode === 'mobu' ? trans.__('as mobu runs them') : null,
    repository?.commit?.slice(0, 7),
    environment.image_description ?? environment.image,
    environment.kernel,
    environment.python && trans.__('Python %1', environment.python)
  ]
    .filter(Boolean)
    .join(' · ');
}
