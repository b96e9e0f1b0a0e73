import React, { useState } from 'react';

import { CommandIDs } from '../../commands';
import { TextButton } from '../../components/buttons';
import { useHealth } from '../context';
import { cellArgs } from './target';
import type { ICellNode } from './tree';

/** The error of a cell, below its line, and the way to the cell. */
export function CellError(props: {
  node: ICellNode;
  isFocused: boolean;
}): React.ReactElement | null {
  const { model, trans, execute } = useHealth();
  const [isLong, setLong] = useState(false);
  const { error } = props.node.cell;
  if (!error) {
    return null;
  }
  const args = cellArgs(props.node, model);
  return (
    <div className="jp-RSPHealth-cellError">
      <p className="jp-RSPHealth-errorText">
        <strong>{error.ename}</strong>
        {error.evalue && `: ${error.evalue}`}
      </p>
      {isLong && (
        <pre
          className="jp-RSPHealth-traceback"
          tabIndex={0}
          aria-label={trans.__('Traceback')}
        >
          {error.traceback}
        </pre>
      )}
      <div className="jp-RSPHealth-actions">
        {args && (
          <TextButton
            label={trans.__('Open at cell')}
            onClick={() => {
              execute(CommandIDs.openAtCell, args);
            }}
          />
        )}
        {error.traceback && (
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
