import React, { useCallback, useEffect, useRef, useState } from 'react';

import type { Report } from '../../api/generated/api';
import { ErrorNote } from '../../components/ErrorNote';
import { StateIcon } from '../../components/StateLabel';
import { TextButton } from '../../components/buttons';
import { useHealth } from '../../components/context';
import { whoseWord } from '../../doctor/whose';
import { findingLook } from '../../states/states';
import { Findings } from './Findings';
import { Handover } from './Handover';
import { LogsView } from './LogsView';
import { PlaybookView } from './PlaybookView';
import { lookAgain } from './look';

/** The doctor: looks once when it is opened, and whenever it is asked to. */
export default function Troubleshoot(): React.ReactElement {
  const { model, trans } = useHealth();
  const [report, setReport] = useState<Report | null>(null);
  const [symptom, setSymptom] = useState('');
  const [isLooking, setLooking] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const asked = useRef(0);
  const look = useCallback(
    async (wanted: string): Promise<void> => {
      const number = ++asked.current;
      setLooking(true);
      setError(null);
      try {
        const found = await lookAgain(model.api, wanted);
        if (number === asked.current) {
          setReport(found);
        }
      } catch (reason) {
        if (number === asked.current) {
          setError(reason);
        }
      }
      if (number === asked.current) {
        setLooking(false);
      }
    },
    [model]
  );
  useEffect(() => {
    void look('');
    return () => {
      asked.current++;
    };
  }, [look]);
  const choose = (wanted: string): void => {
    setSymptom(wanted);
    void look(wanted);
  };
  return (
    <div className="jp-RSPHealth-doctor" aria-busy={isLooking}>
      <div role="status">
        {isLooking && (
          <p className="jp-RSPHealth-hint">
            {trans.__('Looking; it takes up to ten seconds…')}
          </p>
        )}
        {report && <VerdictView report={report} />}
      </div>
      <ErrorNote error={error} />
      {report && (
        <label className="jp-RSPHealth-doctorChoice">
          <span>{trans.__('What do you notice?')}</span>
          <select
            className="jp-RSPHealth-select"
            value={symptom}
            onChange={event => {
              choose(event.currentTarget.value);
            }}
          >
            <option value="">{trans.__('Look at everything')}</option>
            {report.symptoms.map(({ id, title }) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </select>
        </label>
      )}
      <div className="jp-RSPHealth-actions">
        <TextButton
          label={trans.__('Look again')}
          disabled={isLooking}
          onClick={() => look(symptom)}
        />
        <Handover />
      </div>
      {report?.playbook && <PlaybookView result={report.playbook} />}
      {report && (
        <Findings findings={report.findings} onFixed={() => look(symptom)} />
      )}
      {report && <LogsView />}
    </div>
  );
}

function VerdictView({ report }: { report: Report }): React.ReactElement {
  const { trans } = useHealth();
  const { state, sentence, whose, next_step: next } = report.verdict;
  const look = findingLook(state, trans);
  return (
    <div
      className={`jp-RSPHealth-verdict jp-mod-${look.tone}`}
      data-doctor={state}
    >
      <StateIcon look={look} />
      <div>
        <p className="jp-RSPHealth-verdictSentence">{sentence}</p>
        {whose && <p>{trans.__('Whose: %1', whoseWord(whose, trans))}</p>}
        {next && <p>{trans.__('Now: %1', next)}</p>}
        {report.playbook?.then && (
          <p>{trans.__('Then: %1', report.playbook.then)}</p>
        )}
      </div>
    </div>
  );
}
