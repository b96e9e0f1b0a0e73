import { runIcon, stopIcon } from '@jupyterlab/ui-components';
import React, { useId, useState } from 'react';

import { CommandIDs } from '../../commands';
import { TextButton } from '../../components/buttons';
import { useSignals } from '../../components/hooks';
import type { NotebookList, Repository } from '../../generated/api';
import type { INotebookOutcome } from '../../runs';
import { isProblem } from '../../states';
import { useHealth } from '../context';
import { RunProgress } from './RunProgress';
import { Tree } from './Tree';
import type { ITreeFilter } from './tree';
import { buildTree } from './tree';

const ALL: ITreeFilter = { text: '', onlyFailed: false };

/** The notebooks of one checkout, and what can be done with them. */
export function NotebookTree(props: {
  repository: Repository;
  list: NotebookList;
}): React.ReactElement {
  const { repository, list } = props;
  const { model, trans } = useHealth();
  useSignals(model.runs.changed);
  const [filter, setFilter] = useState(ALL);
  const folder = model.folder(repository);
  const outcomes =
    folder === null
      ? new Map<string, INotebookOutcome>()
      : model.runs.outcomes(folder);
  const nodes = buildTree(list.notebooks, outcomes, filter);
  const run = model.runs.active.find(active => active.folder === folder);
  const failed = list.notebooks.filter(({ path }) => {
    const state = outcomes.get(path)?.result.state;
    return state !== undefined && isProblem(state);
  }).length;
  return (
    <>
      <Toolbar
        repository={repository}
        filter={filter}
        onFilter={setFilter}
        failed={failed}
        isRunning={run !== undefined}
      />
      {run && <RunProgress run={run} />}
      {nodes.length ? (
        <Tree nodes={nodes} label={trans.__('Notebooks')} />
      ) : (
        <p className="jp-RSPHealth-hint">
          {list.notebooks.length
            ? trans.__('No notebook matches the filter.')
            : trans.__('There are no notebooks in this checkout.')}
        </p>
      )}
    </>
  );
}

function Toolbar(props: {
  repository: Repository;
  filter: ITreeFilter;
  onFilter: (filter: ITreeFilter) => void;
  failed: number;
  isRunning: boolean;
}): React.ReactElement {
  const { repository, filter, onFilter, failed, isRunning } = props;
  const { trans, execute } = useHealth();
  const filterId = useId();
  return (
    <div className="jp-RSPHealth-toolbar">
      {/* It stays while checks run: a button that turned into Stop under the
          finger would stop them at a double click. */}
      <TextButton
        accent
        icon={runIcon}
        label={trans.__('Run checks')}
        disabled={isRunning}
        onClick={() => {
          execute(CommandIDs.runChecks, { repository: repository.id });
        }}
      />
      {isRunning && (
        <TextButton
          icon={stopIcon}
          label={trans.__('Stop')}
          onClick={() => {
            execute(CommandIDs.stopRuns);
          }}
        />
      )}
      {failed > 0 && !isRunning && (
        <TextButton
          icon={runIcon}
          label={trans._n('%1 failed', '%1 failed', failed)}
          spoken={trans._n('Run %1 failed', 'Run %1 failed', failed)}
          title={trans.__('Run again what has failed')}
          onClick={() => {
            execute(CommandIDs.runFailed);
          }}
        />
      )}
      <TextButton
        label={trans.__('Only failed')}
        pressed={filter.onlyFailed}
        onClick={() => {
          onFilter({ ...filter, onlyFailed: !filter.onlyFailed });
        }}
      />
      <label className="jp-RSPHealth-hidden" htmlFor={filterId}>
        {trans.__('Filter notebooks')}
      </label>
      <input
        id={filterId}
        type="search"
        className="jp-RSPHealth-filter"
        placeholder={trans.__('Filter')}
        value={filter.text}
        onChange={event => {
          onFilter({ ...filter, text: event.currentTarget.value });
        }}
      />
    </div>
  );
}
