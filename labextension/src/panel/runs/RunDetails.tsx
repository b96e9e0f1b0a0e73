import type { TranslationBundle } from '@jupyterlab/translation';
import { stopIcon } from '@jupyterlab/ui-components';
import React from 'react';

import type { ReportFormat } from '../../api/api';
import type { RunDocument } from '../../api/generated/api';
import { Disclosure } from '../../components/Disclosure';
import { StateIcon } from '../../components/StateLabel';
import { OutLink, TextButton } from '../../components/buttons';
import { useHealth } from '../../components/context';
import { CommandIDs } from '../../jupyterlab/commands';
import { isActive } from '../../model/runs';
import { isProblem, runLook } from '../../states/states';
import { formatMoment, shortCommit, visible } from '../../text/format';
import { WhyButton } from '../WhyButton';
import { RunProgress } from '../tree/RunProgress';
import { Tree } from '../tree/Tree';
import { runTree } from '../tree/tree';
import { Timings } from './Timings';

/** One run: its notebooks, the time its cells took, and its reports. */
export function RunDetails(props: { run: RunDocument }): React.ReactElement {
  const { run } = props;
  const { trans, execute } = useHealth();
  const nodes = runTree(run);
  const skipped = run.notebooks.filter(({ state }) => state === 'skipped');
  return (
    <div className="jp-RSPHealth-details">
      {isActive(run.state) ? (
        <>
          <RunProgress run={run} />
          <TextButton
            icon={stopIcon}
            label={trans.__('Stop this run')}
            onClick={() => execute(CommandIDs.stopRuns, { run: run.run_id })}
          />
        </>
      ) : (
        run.problems.map(problem => (
          <p key={problem} className="jp-RSPHealth-reason">
            {problem}
          </p>
        ))
      )}
      {run.reason && <p className="jp-RSPHealth-reason">{run.reason}</p>}
      {isProblem(run.state) && run.state !== 'unreadable' && (
        <div className="jp-RSPHealth-actions">
          <WhyButton
            about={trans.__('all failures of this run')}
            args={{ run: run.run_id }}
          />
        </div>
      )}
      {nodes.length > 0 && (
        <Tree
          nodes={nodes}
          label={trans.__('Run of %1', formatMoment(run.started_at))}
          isPast
        />
      )}
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
          <ul className="jp-RSPHealth-list">
            {skipped.map(({ path, reason }) => (
              <li key={path}>
                {visible(path)}
                {reason && <p className="jp-RSPHealth-reason">{reason}</p>}
              </li>
            ))}
          </ul>
        </Disclosure>
      )}
      <Timings run={run} />
      <Reports runId={run.run_id} />
      <p className="jp-RSPHealth-facts">{circumstances(run, trans)}</p>
    </div>
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
    repository?.commit && shortCommit(repository.commit),
    environment.image_description ?? environment.image,
    environment.kernel,
    environment.python && trans.__('Python %1', environment.python)
  ]
    .filter(Boolean)
    .join(' · ');
}
