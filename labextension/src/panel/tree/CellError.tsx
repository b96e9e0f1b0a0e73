import React, { useLayoutEffect, useRef, useState } from 'react';

import { TextButton } from '../../components/buttons';
import { useHealth } from '../../components/context';
import { CommandIDs } from '../../jupyterlab/commands';
import { isProblem } from '../../states/states';
import { WhyButton } from '../WhyButton';
import { cellArgs, runCellArgs } from './target';
import type { ICellNode } from './tree';

/** A traceback, at its end, where it says what was wrong. */
function Traceback(props: { text: string }): React.ReactElement {
  const { trans } = useHealth();
  const box = useRef<HTMLPreElement>(null);
  useLayoutEffect(() => {
    if (box.current) {
      box.current.scrollTop = box.current.scrollHeight;
    }
  }, []);
  return (
    <pre
      ref={box}
      className="jp-RSPHealth-traceback"
      tabIndex={0}
      aria-label={trans.__('Traceback')}
    >
      {props.text.split('\n').map((line, index) => (
        <span key={index} className={lineTone(line)}>
          {line}
          {'\n'}
        </span>
      ))}
    </pre>
  );
}

/** Arrows, files and the exception stand out. */
function lineTone(line: string): string | undefined {
  if (/^-+>/.test(line)) {
    return 'jp-mod-arrow';
  }
  if (/^(File|Cell|Input) /.test(line.trim())) {
    return 'jp-mod-file';
  }
  return /^[A-Za-z_.]+(Error|Exception|Warning|Exit|Interrupt)\b/.test(line)
    ? 'jp-mod-exception'
    : undefined;
}

/** The error of a cell, below its line, and the way to the cell. */
export function CellError(props: {
  node: ICellNode;
  isFocused: boolean;
}): React.ReactElement | null {
  const { model, trans, execute } = useHealth();
  const [isLong, setLong] = useState(false);
  const { error, state } = props.node.cell;
  if (!error && !isProblem(state)) {
    return null;
  }
  const hasCopy = props.node.run.notebooks.some(
    ({ path, executed_path: executed }) =>
      path === props.node.path && executed !== null
  );
  const args = cellArgs(props.node, model);
  return (
    <div className="jp-RSPHealth-cellError">
      {error && (
        <p className="jp-RSPHealth-errorText">
          <strong>{error.ename}</strong>
          {error.evalue && `: ${error.evalue}`}
        </p>
      )}
      {error && isLong && <Traceback text={error.traceback} />}
      <div className="jp-RSPHealth-actions">
        <WhyButton
          about={trans.__('cell %1', props.node.cell.index)}
          args={runCellArgs(props.node)}
        />
        {args && (
          <TextButton
            label={trans.__('Open at cell')}
            onClick={() => execute(CommandIDs.openAtCell, args)}
          />
        )}
        {hasCopy && (
          <>
            <TextButton
              label={trans.__('Debug')}
              spoken={trans.__('Debug at cell %1', props.node.cell.index)}
              title={trans.__(
                'Run the cells before this one in a copy of the notebook, in a kernel that stays, to look at its variables. Your notebook is not changed.'
              )}
              onClick={() =>
                execute(CommandIDs.debugAtCell, runCellArgs(props.node))
              }
            />
            <TextButton
              label={trans.__('Executed copy')}
              title={trans.__(
                'Open the notebook as it was run, with its outputs'
              )}
              onClick={() =>
                execute(CommandIDs.openExecutedCopy, runCellArgs(props.node))
              }
            />
          </>
        )}
        {error?.traceback && (
          <TextButton
            label={
              isLong ? trans.__('Hide traceback') : trans.__('Show traceback')
            }
            onClick={() => {
              setLong(!isLong);
            }}
          />
        )}
      </div>
    </div>
  );
}
