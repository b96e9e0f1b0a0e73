import React, { useLayoutEffect, useRef } from 'react';

import type { CellResult } from '../../api/generated/api';
import { TextButton } from '../../components/buttons';
import { useHealth } from '../../components/context';
import { useNow, useSignals } from '../../components/hooks';
import { formatBytes, formatSpan } from '../../text/format';

/** Under which it is remembered whether output is shown. */
const FOLD = 'cell-output';

/**
 * What a cell has put out last, below its line: while it runs, and after it
 * was cut off. It is not announced as it grows; one goes there to read it.
 */
export function CellOutput(props: {
  cell: CellResult;
}): React.ReactElement | null {
  const { cell } = props;
  const { panelState, trans } = useHealth();
  useSignals(panelState.changed);
  const isRunning = cell.state === 'running';
  const text = cell.output_tail;
  if (!isRunning && !text) {
    return null;
  }
  const isOpen = panelState.isOpen(FOLD, true);
  const label = isRunning
    ? trans.__('Output of cell %1, live', cell.index)
    : trans.__('Last output of cell %1', cell.index);
  return (
    <div className="jp-RSPHealth-cellOutput">
      <div className="jp-RSPHealth-actions">
        <span>
          {isRunning && <Elapsed since={cell.started_at} />}
          {isRunning && !text && trans.__('no output yet')}
          {text && trans.__('%1 of output', formatBytes(cell.output_bytes))}
        </span>
        {text && (
          <TextButton
            label={isOpen ? trans.__('Hide output') : trans.__('Show output')}
            onClick={() => {
              panelState.toggle(FOLD, true);
            }}
          />
        )}
      </div>
      {text && isOpen && <Tail label={label} text={text} />}
    </div>
  );
}

/** The text, scrolled to its end unless the user has scrolled up. */
function Tail(props: { label: string; text: string }): React.ReactElement {
  const { label, text } = props;
  const box = useRef<HTMLPreElement>(null);
  const isAtEnd = useRef(true);
  useLayoutEffect(() => {
    if (box.current && isAtEnd.current) {
      box.current.scrollTop = box.current.scrollHeight;
    }
  }, [text]);
  return (
    <pre
      ref={box}
      className="jp-RSPHealth-output"
      role="log"
      aria-live="off"
      aria-label={label}
      tabIndex={0}
      onScroll={event => {
        const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
        isAtEnd.current = scrollHeight - scrollTop - clientHeight < 8;
      }}
    >
      {text}
    </pre>
  );
}

/** For how long a cell has been running; grows by the second. */
function Elapsed(props: { since: string | null }): React.ReactElement | null {
  const { trans } = useHealth();
  useNow(1000);
  const { since } = props;
  if (since === null) {
    return null;
  }
  // The lab's clock and the browser's may differ a little.
  const seconds = Math.max(0, (Date.now() - Date.parse(since)) / 1000);
  return <>{trans.__('for %1', formatSpan(seconds, trans))}, </>;
}
