import React from 'react';

import type { Finding, PlaybookResult } from '../../api/generated/api';
import { StateIcon } from '../../components/StateLabel';
import { useHealth } from '../../components/context';
import { findingLook } from '../../states/states';
import { outcomeWord } from './words';

/** The shape of what a step came to. */
const LOOKS: Record<
  PlaybookResult['steps'][number]['outcome'],
  Finding['state']
> = {
  cause: 'fault',
  ruled_out: 'ok',
  not_known: 'cannot_tell',
  not_here: 'not_applicable',
  follows: 'attention'
};

/** What was looked at for a symptom, and what it came to. */
export function PlaybookView(props: {
  result: PlaybookResult;
}): React.ReactElement {
  const { trans } = useHealth();
  const { title, steps } = props.result;
  return (
    <section aria-label={title}>
      <ol className="jp-RSPHealth-steps">
        {steps.map(({ check, outcome, says }) => (
          <li key={check} data-outcome={outcome}>
            <StateIcon look={findingLook(LOOKS[outcome], trans)} />
            <span>
              <strong>{outcomeWord(outcome, trans)}</strong> {says}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
