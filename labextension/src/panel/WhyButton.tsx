import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import React from 'react';

import { TextButton } from '../components/buttons';
import { useHealth } from '../components/context';
import { CommandIDs } from '../jupyterlab/commands';

/** Says why something failed, whose problem it is, and what to do. */
export function WhyButton(props: {
  /** What it is about, for screen readers. */
  about: string;
  args: ReadonlyPartialJSONObject;
}): React.ReactElement {
  const { trans, execute } = useHealth();
  return (
    <TextButton
      label={trans.__('Why?')}
      spoken={trans.__('Why? %1', props.about)}
      title={trans.__('Say why, whose problem it is, and what to do')}
      onClick={() => execute(CommandIDs.why, props.args)}
    />
  );
}
