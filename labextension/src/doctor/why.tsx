import { Dialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useEffect, useState } from 'react';

import type {
  Cause,
  ExplainRequest,
  Explanation,
  ExplanationReport
} from '../api/generated/api';
import { namedDialog } from '../jupyterlab/dialogs';
import type { IHealthModel } from '../model/tokens';
import { describeError } from '../text/errors';
import { formatAge, visible } from '../text/format';
import { whoseWord } from './whose';

/** How many failures of one cause are named. */
const NAMED = 3;

/**
 * Say in a dialog why something failed, whose problem it is and what to do.
 *
 * @param request - What failed.
 */
export async function showWhy(
  request: ExplainRequest,
  model: IHealthModel,
  trans: TranslationBundle
): Promise<void> {
  await namedDialog({
    title: trans.__('Why?'),
    body: <WhyView answer={model.api.explain(request)} trans={trans} />,
    buttons: [Dialog.okButton({ label: trans.__('Close') })]
  }).launch();
}

/** What is known, once it is. */
export function WhyView(props: {
  answer: Promise<ExplanationReport>;
  trans: TranslationBundle;
}): React.ReactElement {
  const { answer, trans } = props;
  const [report, setReport] = useState<ExplanationReport | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    answer.then(setReport, setError);
  }, [answer]);
  return (
    <div
      className="jp-RSPHealth-why"
      role="status"
      // It may be longer than the dialog.
      tabIndex={0}
      aria-label={trans.__('Why it failed')}
    >
      {report ? (
        <Report report={report} trans={trans} />
      ) : error === null ? (
        <p>{trans.__('Looking; that takes some seconds…')}</p>
      ) : (
        <Failed error={error} trans={trans} />
      )}
    </div>
  );
}

function Failed(props: {
  error: unknown;
  trans: TranslationBundle;
}): React.ReactElement {
  const { message, hint } = describeError(props.error, props.trans);
  return (
    <>
      <p>{message}</p>
      {hint !== '' && <p>{hint}</p>}
    </>
  );
}

function Report(props: {
  report: ExplanationReport;
  trans: TranslationBundle;
}): React.ReactElement {
  const { report, trans } = props;
  const { explanations, problems } = report;
  return (
    <>
      {explanations.length !== 1 && <p>{report.sentence}</p>}
      {explanations.map((explanation, index) => (
        <Explained
          // Their order is all that tells them apart.
          key={index}
          explanation={explanation}
          trans={trans}
        />
      ))}
      {problems.map(problem => (
        <p key={problem} className="jp-RSPHealth-reason">
          {visible(problem)}
        </p>
      ))}
    </>
  );
}

function Explained(props: {
  explanation: Explanation;
  trans: TranslationBundle;
}): React.ReactElement {
  const { explanation, trans } = props;
  const { causes, failures, advice, history } = explanation;
  return (
    <section className="jp-RSPHealth-explained">
      <p className="jp-RSPHealth-errorText">
        {visible(failures[0]?.error ?? '')}
      </p>
      {failures.length > 1 && <p>{sameIn(explanation, trans)}</p>}
      {history !== '' && (
        <p className="jp-RSPHealth-reason">{visible(history)}</p>
      )}
      {causes.map(cause => (
        <CauseView key={cause.rule} cause={cause} trans={trans} />
      ))}
      {advice !== '' && <p>{advice}</p>}
    </section>
  );
}

function sameIn({ failures }: Explanation, trans: TranslationBundle): string {
  const names = failures.map(({ notebook }) => visible(notebook ?? ''));
  const named = names.slice(0, NAMED).join(', ');
  const rest = names.length - NAMED;
  return rest > 0
    ? trans.__('One cause for %1 and %2 more.', named, rest)
    : trans.__('One cause for %1.', named);
}

/** A cause: how sure it is, whose, what to do, and why that is said. */
function CauseView(props: {
  cause: Cause;
  trans: TranslationBundle;
}): React.ReactElement {
  const { cause, trans } = props;
  const isRefuted = cause.certainty === 'refuted';
  const sentence = visible(cause.sentence);
  return (
    <div className="jp-RSPHealth-cause" data-certainty={cause.certainty}>
      <p>
        <strong>{certaintyWord(cause, trans)}</strong>{' '}
        {isRefuted ? <s>{sentence}</s> : sentence}
      </p>
      {!isRefuted && (
        <p>{trans.__('Whose: %1', whoseWord(cause.whose, trans))}</p>
      )}
      {!isRefuted && <p>{trans.__('Now: %1', visible(cause.next_step))}</p>}
      {cause.evidence.length + cause.undecided.length > 0 && (
        <details>
          <summary>{trans.__('Why this is said')}</summary>
          <ul>
            {cause.evidence.map(({ source, value, age_s: age }) => (
              <li key={`${source} ${value}`}>
                {visible(`${source}: ${value}`)}
                {age > 0 && ` (${formatAge(age, trans)})`}
              </li>
            ))}
            {cause.undecided.map(text => (
              <li key={text}>{trans.__('Not known: %1', visible(text))}</li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

function certaintyWord({ certainty }: Cause, trans: TranslationBundle): string {
  switch (certainty) {
    case 'stated':
      return trans.__('Cause:');
    case 'possible':
      return trans.__('Possible:');
    case 'refuted':
      return trans.__('Refuted:');
  }
}
