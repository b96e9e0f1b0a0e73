import React from 'react';

import { stateIcons } from '../states/icons';
import { describeError } from '../text/errors';
import { useHealth } from './context';

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
