import React from 'react';

import { StateIcon } from '../components/StateLabel';
import { useHealth } from '../components/context';
import { useNow, useSignals } from '../components/hooks';
import { shownVerdict } from '../status/verdict';

/** How often it is looked at whether the verdict still holds, in ms. */
const TICK = 5000;

/** The panel's first line: the first cause of what is wrong, and what next. */
export function Verdict(): React.ReactElement | null {
  const { model, trans } = useHealth();
  useSignals(model.status.changed);
  useNow(TICK);
  const verdict = shownVerdict(model, trans);
  if (!verdict) {
    return null;
  }
  const { icon, tone, sentence, next } = verdict;
  return (
    <div
      className={`jp-RSPHealth-verdict jp-mod-${tone}`}
      data-state={model.status.data?.verdict.state}
    >
      <StateIcon look={{ word: '', icon, tone }} />
      <div>
        <p className="jp-RSPHealth-verdictSentence">{sentence}</p>
        {next && <p>{next}</p>}
      </div>
    </div>
  );
}
