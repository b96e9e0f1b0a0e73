import {
  collapseAllIcon,
  expandAllIcon,
  runIcon,
  stopIcon
} from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useId } from 'react';

import type { Repository } from '../../api/generated/api';
import type { IMenuLine } from '../../components/MenuButton';
import { MenuButton } from '../../components/MenuButton';
import { IconButton, TextButton } from '../../components/buttons';
import { useHealth } from '../../components/context';
import { CommandIDs } from '../../jupyterlab/commands';
import type { ITreeFilter, Sort } from '../tree/tree';
import { SORTS } from '../tree/tree';

/** Other ways to run the checks. */
const WAYS: readonly IMenuLine[] = [
  { command: CommandIDs.runAgain, args: {} },
  { command: CommandIDs.runChecks, args: { jobs: 2 } },
  { command: CommandIDs.runChecks, args: { mode: 'mobu' } },
  { command: CommandIDs.runChecks, args: { all: true } }
];

/** What can be done with the notebooks of a checkout, and how they are shown. */
export function Toolbar(props: {
  repository: Repository;
  filter: ITreeFilter;
  onFilter: (filter: ITreeFilter) => void;
  sort: Sort;
  onSort: (sort: Sort) => void;
  onFold: (open: boolean) => void;
  failed: number;
  /** The run that is under way here. */
  runId: string | undefined;
  /** Whether one was asked for that is not known to have started. */
  isStarting: boolean;
}): React.ReactElement {
  const { repository, filter, onFilter, failed, runId, isStarting } = props;
  const isRunning = runId !== undefined;
  const { model, trans, execute } = useHealth();
  const isStopping = isRunning && model.runs.isStopping(runId);
  const filterId = useId();
  const sortId = useId();
  return (
    <div className="jp-RSPHealth-toolbar">
      {/* It stays while checks run: a button that turned into Stop under the
          finger would stop them at a double click. */}
      <TextButton
        accent
        icon={runIcon}
        label={trans.__('Run checks')}
        disabled={isRunning || isStarting}
        onClick={() =>
          execute(CommandIDs.runChecks, { repository: repository.id })
        }
      />
      {!isRunning && (
        <MenuButton
          label={trans.__('More ways to run')}
          commands={WAYS}
          args={{ repository: repository.id }}
        />
      )}
      {isRunning && (
        <TextButton
          icon={stopIcon}
          label={isStopping ? trans.__('Stopping…') : trans.__('Stop')}
          disabled={isStopping}
          onClick={() => execute(CommandIDs.stopRuns, { run: runId })}
        />
      )}
      {failed > 0 && !isRunning && (
        <TextButton
          icon={runIcon}
          label={trans._n('Run %1 failed', 'Run %1 failed', failed)}
          title={trans.__('Run again what failed')}
          disabled={isStarting}
          onClick={() => execute(CommandIDs.runFailed)}
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
      <span className="jp-RSPHealth-arrange">
        <label className="jp-RSPHealth-hidden" htmlFor={sortId}>
          {trans.__('Sort notebooks')}
        </label>
        <select
          id={sortId}
          className="jp-RSPHealth-select"
          value={props.sort}
          onChange={event => {
            props.onSort(event.currentTarget.value as Sort);
          }}
        >
          {SORTS.map(sort => (
            <option key={sort} value={sort}>
              {sortLabel(sort, trans)}
            </option>
          ))}
        </select>
        <IconButton
          icon={expandAllIcon}
          label={trans.__('Expand all')}
          onClick={() => {
            props.onFold(true);
          }}
        />
        <IconButton
          icon={collapseAllIcon}
          label={trans.__('Collapse all')}
          onClick={() => {
            props.onFold(false);
          }}
        />
      </span>
    </div>
  );
}

function sortLabel(sort: Sort, trans: TranslationBundle): string {
  switch (sort) {
    case 'name':
      return trans.__('By name');
    case 'state':
      return trans.__('Worst first');
    case 'slowest':
      return trans.__('Slowest first');
  }
}
