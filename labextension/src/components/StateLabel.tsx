import React from 'react';

import type { IStateLook } from '../states/states';

/** A state's shape; the word beside it says the same. */
export function StateIcon({ look }: { look: IStateLook }): React.ReactElement {
  return (
    <look.icon.react
      tag="span"
      className={`jp-RSPHealth-icon jp-mod-${look.tone}`}
      aria-hidden="true"
    />
  );
}

/** A state as shape and word. */
export function StateLabel({ look }: { look: IStateLook }): React.ReactElement {
  return (
    <span className="jp-RSPHealth-state">
      <StateIcon look={look} />
      <span className="jp-RSPHealth-word">{look.word}</span>
    </span>
  );
}
