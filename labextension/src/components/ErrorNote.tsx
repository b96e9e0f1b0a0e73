import React from 'react';

import { describeError } from '../errors';
import { stateIcons } from '../icons';
import { useHealth } from '../panel/context';

/** What went wrong, and what to do; nothing if nothing did. */
export function ErrorNote(props: {
  error: unknown;
}): React.ReactElement | null {
  const { trans } = useHealth();
  if (props.error === null || props.error === undefined) {
    return null;
  }
  const { message, hint } = describeError(props.error, trans);
  return (
    <div className="jp-RSPHealth-note jp-mod-error">
      <stateIcons.warn.react
        tag="span"
        className="jp-RSPHealth-icon jp-mod-warn"
        aria-hidden="true"
      />
      <p>
        {message} {hint}
      </p>
    </div>
  );
}
