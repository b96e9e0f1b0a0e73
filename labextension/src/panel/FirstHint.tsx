import React from 'react';

import { TextButton } from '../components/buttons';
import { useHealth } from '../components/context';
import { useSignals } from '../components/hooks';

/** Under which it is remembered that the hint was read. */
const READ = 'first-hint-read';

/** What this is, until it was read once, or something was run. */
export function FirstHint(): React.ReactElement | null {
  const { panelState, model, trans } = useHealth();
  useSignals(panelState.changed, model.runs.list.changed);
  const { data } = model.runs.list;
  if (!data || data.runs.length > 0 || panelState.isOpen(READ, false)) {
    return null;
  }
  return (
    <div className="jp-RSPHealth-firstHint" role="note">
      <p>
        {trans.__(
          'The first line says what is wrong, and whose it is to fix. Below: the services as they answer to you, notebooks that try them, and your lab. Each line opens to its evidence.'
        )}
      </p>
      <TextButton
        label={trans.__('Got it')}
        spoken={trans.__('Got it: hide this hint')}
        onClick={() => {
          panelState.set([READ], true);
        }}
      />
    </div>
  );
}
