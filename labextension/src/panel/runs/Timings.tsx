import React, { useState } from 'react';

import type { CellResult, RunDocument } from '../../api/generated/api';
import { TextButton } from '../../components/buttons';
import { useHealth } from '../../components/context';
import { CommandIDs } from '../../jupyterlab/commands';
import { stateIcons } from '../../states/icons';
import { formatDuration, formatMemory, visible } from '../../text/format';
import { cellLabel } from '../tree/tree';
import { slowestCells } from './timings';

/** How many cells are listed before one asks for more. */
const LISTED = 10;

/** Share of the lab's memory from which a cell is worth a word. */
const MUCH_MEMORY = 0.75;

/** The slowest cells, as bars that are a table, too. */
export function Timings(props: {
  run: RunDocument;
}): React.ReactElement | null {
  const { trans } = useHealth();
  const [isLong, setLong] = useState(false);
  const timings = slowestCells(props.run);
  if (!timings.length) {
    return null;
  }
  const shown = isLong ? timings : timings.slice(0, LISTED);
  return (
    <>
      <table className="jp-RSPHealth-table jp-RSPHealth-timings">
        <caption>{trans.__('Slowest cells')}</caption>
        <thead>
          <tr>
            <th scope="col">{trans.__('Cell')}</th>
            <th scope="col">{trans.__('Time')}</th>
            <th scope="col">{trans.__('Memory')}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ path, cell, durationS, share }) => (
            <tr key={`${path}#${cell.index}`}>
              <th scope="row">
                <CellName run={props.run} path={path} cell={cell} />
                <span
                  className="jp-RSPHealth-timingBar"
                  style={{ width: `${Math.max(1, share * 100)}%` }}
                />
              </th>
              <td>{formatDuration(durationS, trans)}</td>
              <td>
                <Memory
                  peak={cell.peak_memory_bytes}
                  limit={props.run.environment.memory_limit_bytes}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {timings.length > LISTED && (
        <TextButton
          label={
            isLong
              ? trans.__('Show fewer')
              : trans.__('Show all %1 cells', timings.length)
          }
          onClick={() => {
            setLong(!isLong);
          }}
        />
      )}
    </>
  );
}

/** The name of a cell, and the way to it where it is in the lab. */
function CellName(props: {
  run: RunDocument;
  path: string;
  cell: CellResult;
}): React.ReactElement {
  const { run, path, cell } = props;
  const { model, trans, execute } = useHealth();
  const name = `${visible(path)} ${cellLabel(cell)}`;
  const file = run.folder && model.labPath(`${run.folder}/${path}`);
  if (!file) {
    return <span className="jp-RSPHealth-timingName">{name}</span>;
  }
  const { id, index } = cell;
  return (
    <button
      type="button"
      className="jp-RSPHealth-timingName"
      title={trans.__('Open at cell')}
      onClick={() =>
        void execute(
          CommandIDs.openAtCell,
          id === null
            ? { path: file, index }
            : { path: file, index, cellId: id }
        )
      }
    >
      {name}
    </button>
  );
}

/** What a cell needed at most; near the lab's limit it says so. */
function Memory(props: {
  peak: number | null;
  limit: number | null;
}): React.ReactElement | null {
  const { peak, limit } = props;
  const { trans } = useHealth();
  if (peak === null) {
    return null;
  }
  if (limit === null || peak <= MUCH_MEMORY * limit) {
    return <>{formatMemory(peak)}</>;
  }
  return (
    <span className="jp-RSPHealth-state">
      <stateIcons.warn.react
        tag="span"
        className="jp-RSPHealth-icon jp-mod-warn"
        aria-hidden="true"
      />
      {trans.__('%1 of %2', formatMemory(peak), formatMemory(limit))}
    </span>
  );
}
