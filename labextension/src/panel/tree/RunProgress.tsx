import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { NotebookResult, RunSummary } from '../../api/generated/api';
import { useHealth } from '../../components/context';
import { isActive } from '../../model/runs';
import { formatSpan, visible } from '../../text/format';

/** How far a run is: a bar over the notebooks, and where it is now. */
export function RunProgress(props: {
  run: Pick<RunSummary, 'run_id'>;
}): React.ReactElement | null {
  const { model, trans } = useHealth();
  const document = model.runs.document(props.run.run_id);
  if (!document) {
    return null;
  }
  const planned = document.notebooks.filter(
    notebook => notebook.state !== 'skipped'
  );
  const done = planned.filter(notebook => !isActive(notebook.state)).length;
  const current = planned.find(notebook => notebook.state === 'running');
  const cell = current?.cells.find(one => one.state === 'running');
  const where = current
    ? cell
      ? trans.__(
          '%1, cell %2 of %3',
          visible(current.path),
          cell.index,
          current.cells.length
        )
      : visible(current.path)
    : model.runs.isStopping(document.run_id)
      ? trans.__('Stopping…')
      : done
        ? ''
        : trans.__('Starting');
  const left = timeLeft(planned);
  const count = trans.__('%1 of %2 notebooks', done, planned.length);
  return (
    <div className="jp-RSPHealth-progress">
      <progress
        aria-label={trans.__('Checks')}
        aria-valuetext={`${count}, ${where}`}
        max={Math.max(1, planned.length)}
        value={done}
      />
      <span>{count}</span>
      {left !== null && left >= 1 && (
        <span>{trans.__('about %1 left', formatSpan(left, trans))}</span>
      )}
      <span className="jp-RSPHealth-progressWhere">{where}</span>
      <p className="jp-RSPHealth-progressNote">{stayNote(trans)}</p>
      {document.problems.map(problem => (
        <p key={problem} className="jp-RSPHealth-progressNote">
          {problem}
        </p>
      ))}
    </div>
  );
}

/** A run that was asked for: as large as what comes in its place. */
export function RunStarting(): React.ReactElement {
  const { trans } = useHealth();
  return (
    <div className="jp-RSPHealth-progress">
      <progress aria-label={trans.__('Checks')} />
      <span>{trans.__('Starting…')}</span>
      <p className="jp-RSPHealth-progressNote">{stayNote(trans)}</p>
    </div>
  );
}

/** What people ask of a run that takes a while. */
function stayNote(trans: TranslationBundle): string {
  return trans.__(
    'You may close this page: the run goes on until it or the lab ends.'
  );
}

/** Seconds until the end, from the last times; null if one has no time yet. */
export function timeLeft(planned: readonly NotebookResult[]): number | null {
  let left = 0;
  for (const { state, cells, expected_s: expected } of planned) {
    if (!isActive(state)) {
      continue;
    }
    if (expected === null) {
      return null;
    }
    const spent = cells.reduce((sum, cell) => sum + (cell.duration_s ?? 0), 0);
    left += Math.max(0, expected - spent);
  }
  return left;
}
